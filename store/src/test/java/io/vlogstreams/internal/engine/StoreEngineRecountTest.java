/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.cleanup.WorkerOnDemand;
import io.vlogstreams.internal.index.HookedIndex;
import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.index.IndexTuning;
import io.vlogstreams.internal.index.IndexView;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.index.RocksDbIndex;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Live bytes that were wrong are found and healed before anything is deleted (invariant 6). */
class StoreEngineRecountTest {

    private static final int FILE_BYTES = 1024;

    @TempDir
    Path temp;

    private final HookedIndex index = new HookedIndex(new MemoryIndex());
    private final Map<String, String> model = new TreeMap<>();
    private TestStore store;

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private TestStore inMemory() {
        return TestStore.in(temp).inMemory(index).maxFile(FILE_BYTES).maxSpaceAmplification(1.5);
    }

    private void fill() throws IOException {
        for (int i = 0; i < 60; i++) {
            put("key-" + i, large(i));
        }
        store.commit(1);
    }

    private void put(String key, String value) throws IOException {
        store.put(key, value);
        model.put(key, value);
    }

    private void checkAll(String description) throws IOException {
        assertThat(store.contents()).as(description).isEqualTo(model);
        store.checkLiveBytes(description);
    }

    /** 0 would have the file deleted, 1 have it relocated. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 500, 1_000_000, -1, -1_000_000})
    void afterAnUncleanEndAWrongCountIsHealedBeforeAnythingIsDeleted(long wrong) throws IOException {
        store = inMemory().open();
        fill();
        index.miscount(2, wrong);
        store.killAndOpen();
        int filesBefore = store.fileIds().size();
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).hasSize(filesBefore);
        checkAll("after the recount");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 500, 1_000_000})
    void theCleanupThatACommitWakesHealsIt(long wrong) throws IOException {
        store = inMemory().open();
        fill();
        index.miscount(2, wrong);
        store.killAndOpen();
        put("key-0", large("new"));
        store.commit(2);
        checkAll("after a commit");
        for (int i = 0; i < 60; i++) {
            put("key-" + i % 17, large(i));
            store.commit(3 + i);
        }
        checkAll("after many commits");
    }

    @Test
    void aFileThatWasKeptByAWrongCountGoesAfterTheRecount() throws IOException {
        store = inMemory().worker(slice -> {}).open();
        put("a", large("1"));
        for (int i = 0; i < 20; i++) {
            put("b", large(i));
        }
        put("a", large("2"));
        store.commit(1);
        assertThat(store.fileIds()).contains(1L);
        index.miscount(1, 300);
        TestStore next = store.killAndOpen();
        next.engine().deleteObsoleteFiles();
        assertThat(next.fileIds()).doesNotContain(1L);
        checkAll("after the recount");
    }

    @Test
    void itIsHealedInRocksDbToo() throws IOException {
        store = TestStore.in(temp.resolve("store")).maxFile(FILE_BYTES).open();
        fill();
        TestStore killed = store.killed(temp.resolve("killed"));
        store.close();
        try (LocationIndex left = RocksDbIndex.open(killed.indexFolder(), IndexTuning.NONE)) {
            HookedIndex.miscount(left, 2, 0);
            HookedIndex.miscount(left, 3, 7_000);
        }
        store = killed.open();
        store.engine().deleteObsoleteFiles();
        checkAll("after the recount");
        store.reopen();
        checkAll("after opening again");
    }

    @Test
    void writesDuringARecountAreNotLost() throws IOException {
        store = inMemory().open();
        for (int i = 0; i < 9000; i++) {
            put("key-" + i, i % 3 == 0 ? large(i) : "small");
        }
        store.commit(1);
        index.miscount(2, 0);
        store.killAndOpen();
        // The recount begins with the commit that is under way; it changes what is counted.
        for (int i = 0; i < 9000; i += 100) {
            put("key-" + i, large("new"));
            store.commit(2 + i);
        }
        checkAll("at the end");
    }

    @Test
    void aCleanEndNeedsNoRecount() throws IOException {
        store = inMemory().open();
        fill();
        store.engine().deleteObsoleteFiles();
        assertThat(index.views()).as("a store that is new").isZero();
        store.close();
        store.open();
        store.engine().deleteObsoleteFiles();
        put("key-0", large("new"));
        store.commit(2);
        assertThat(index.views()).as("a store that was closed").isZero();
        store.killAndOpen();
        assertThat(index.views()).as("opening counts nothing").isZero();
        store.engine().deleteObsoleteFiles();
        assertThat(index.views()).as("a store that was killed").isEqualTo(1);
        store.engine().deleteObsoleteFiles();
        store.commit(3);
        assertThat(index.views()).as("once is enough").isEqualTo(1);
    }

    /** On demand: somebody thinks that they are wrong. */
    @Test
    void afterACleanEndTheyAreCountedIfAskedFor() throws IOException {
        store = inMemory().open();
        fill();
        store.close();
        index.miscount(2, 0);
        store.alwaysRecounts().open();
        int filesBefore = store.fileIds().size();
        store.engine().deleteObsoleteFiles();
        assertThat(index.views()).isEqualTo(1);
        assertThat(store.fileIds()).hasSize(filesBefore);
        checkAll("after the recount");
    }

    /** Closed before a recount was done, so nobody knows whether the counts are right. */
    @Test
    void aRecountThatIsDueStaysDueOverAClose() throws IOException {
        store = inMemory().open();
        fill();
        index.miscount(2, 0);
        store.killAndOpen();
        store.close();
        store.open();
        store.engine().deleteObsoleteFiles();
        assertThat(index.views()).isEqualTo(1);
        checkAll("after the recount");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anImplausibleCountAsksForARecount(boolean exactlyOnce) throws IOException {
        store = exactlyOnce ? inMemory().exactlyOnce().open() : inMemory().open();
        fill();
        store.close();
        // Less than what is overwritten next.
        index.miscount(2, 5);
        store.open();
        for (int i = 0; i < 30; i++) {
            put("key-" + i, large("new"));
        }
        store.commit(2);
        assertThat(index.views()).isEqualTo(1);
        checkAll("after the recount");
    }

    /** It holds nothing meanwhile, and begins again. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRecountThatFailsIsTriedAgainAndKeepsNoView(boolean whenItIsOpened) throws IOException {
        AtomicInteger failures = new AtomicInteger();
        AtomicInteger openViews = new AtomicInteger();
        WorkerOnDemand worker = new WorkerOnDemand();
        MemoryIndex failing = new MemoryIndex() {
            @Override
            public IndexView openView() {
                IndexView view = super.openView();
                openViews.incrementAndGet();
                return new FailingView(view, whenItIsOpened, failures, openViews);
            }
        };
        store = TestStore.in(temp)
                .inMemory(failing)
                .worker(worker)
                .maxFile(FILE_BYTES)
                .maxSpaceAmplification(1.5)
                .alwaysRecounts()
                .open();
        fill();
        for (int i = 0; i < 60; i++) {
            put("key-" + i, large("new"));
        }
        store.commit(2);
        failures.set(3);
        worker.run();
        assertThat(store.engine().statistics().cleanup().failing()).isTrue();
        assertThat(openViews).hasValue(0);
        while (worker.letTimePass()) {
            worker.run();
        }
        assertThat(failures).hasValue(0);
        assertThat(openViews).hasValue(0);
        assertThat(store.engine().statistics().cleanup().failing()).isFalse();
        assertThat(store.engine().statistics().cleanup().deletedFiles()).isPositive();
        checkAll("after the recount");
    }

    /** Fails when a cursor is opened, or at its first step. */
    private record FailingView(IndexView view, boolean whenItIsOpened, AtomicInteger failures, AtomicInteger openViews)
            implements IndexView {

        private void fail() {
            if (failures.get() > 0) {
                failures.decrementAndGet();
                throw new StackOverflowError("test");
            }
        }

        @Override
        public ValueLocation get(byte[] key) throws IOException {
            return view.get(key);
        }

        @Override
        public IndexCursor openCursor(KeyRange range, boolean ascending) {
            if (whenItIsOpened) {
                fail();
            }
            IndexCursor cursor = view.openCursor(range, ascending);
            return new IndexCursor() {
                @Override
                public boolean isValid() throws IndexException {
                    fail();
                    return cursor.isValid();
                }

                @Override
                public byte[] key() {
                    return cursor.key();
                }

                @Override
                public ValueLocation location() throws IOException {
                    return cursor.location();
                }

                @Override
                public void advance() {
                    cursor.advance();
                }

                @Override
                public void close() {
                    cursor.close();
                }
            };
        }

        @Override
        public void close() {
            openViews.decrementAndGet();
            view.close();
        }
    }
}
