/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.cleanup.WorkerOnDemand;
import io.vlogstreams.internal.index.CommitPoint;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An index that does not match the counters is detected before anything is deleted, and never trusted (invariant 6).
 */
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

    /** With 0 the file would be deleted, with 1 relocated. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 500, 1_000_000, -1, -1_000_000})
    void aCountThatTheIndexDoesNotHoldIsALostIndexAndDeletesNothing(long wrong) throws IOException {
        store = inMemory().open();
        fill();
        index.miscount(2, wrong);
        store.killAndOpen();
        int filesBefore = store.fileIds().size();
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).hasSize(filesBefore);
        assertAnswersNothing("2=");
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).hasSize(filesBefore);
        store.reopen();
        assertIsEmptied();
    }

    /** Checks that reads fail, and that no write is accepted that a later restore would lose. */
    private void assertAnswersNothing(String... found) throws IOException {
        for (ThrowableAssert.ThrowingCallable operation : List.<ThrowableAssert.ThrowingCallable>of(
                () -> store.get("key-1"),
                () -> store.get("no such key"),
                () -> store.contents(),
                () -> store.engine().getCommitted(TestStore.bytes("key-1")),
                () -> store.engine().scanKeys(KeyRange.ALL, true),
                () -> store.put("key-1", "new"),
                () -> store.commit(2))) {
            assertThatThrownBy(operation)
                    .isInstanceOf(StoreDamagedException.class)
                    .hasMessageContainingAll(found)
                    .hasMessageContainingAll("store", "index", "restored");
        }
    }

    private void assertIsEmptied() throws IOException {
        assertThat(store.contents()).isEmpty();
        assertThat(store.committedOffset()).isNull();
        assertThat(store.engine().written()).isFalse();
        model.clear();
        put("key-1", large("restored"));
        store.commit(1);
        store.engine().deleteObsoleteFiles();
        checkAll("after the restore");
        assertThat(store.fileIds()).as("the old ones went").hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 500, 1_000_000})
    void theCleanupThatACommitWakesFindsIt(long wrong) throws IOException {
        store = inMemory().open();
        fill();
        index.miscount(2, wrong);
        store.killAndOpen();
        store.put("key-0", large("new"));
        store.commit(2);
        assertAnswersNothing("2=");
    }

    /** A location that is missing. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLostKeyIsFoundAndTheStoreRestored(boolean killed) throws IOException {
        store = inMemory().exactlyOnce().open();
        fill();
        index.lose("key-7");
        store.killAndOpen();
        store.engine().deleteObsoleteFiles();
        assertAnswersNothing("=-");
        if (killed) {
            store.killAndOpen();
        } else {
            store.reopen();
        }
        assertThat(store.contents()).isEmpty();
        assertThat(store.committedOffset()).isEqualTo(CommitPoint.UNKNOWN_OFFSET);
    }

    @Test
    void aStoreThatCannotBeRestoredIsLeftAsItIs() throws IOException {
        store = inMemory().open();
        fill();
        store.engine().commit(Map.of(), TestStore.NO_POSITION);
        index.lose("key-7");
        store.killAndOpen();
        int filesBefore = store.fileIds().size();
        store.engine().deleteObsoleteFiles();
        assertAnswersNothing("=-");
        store.reopen();
        assertThat(store.get("key-8")).as("before it is counted again").isEqualTo(large(8));
        store.engine().deleteObsoleteFiles();
        assertAnswersNothing("=-");
        assertThat(store.fileIds()).hasSize(filesBefore);
    }

    @Test
    void itIsFoundInRocksDbToo() throws IOException {
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
        assertAnswersNothing("2=", "3=");
        store.reopen();
        assertIsEmptied();
    }

    @Test
    void writesDuringARecountChangeNothing() throws IOException {
        store = inMemory().open();
        for (int i = 0; i < 9000; i++) {
            put("key-" + i, i % 3 == 0 ? large(i) : "small");
        }
        store.commit(1);
        store.killAndOpen();
        // The recount begins with the commit that is under way; it changes what is counted.
        for (int i = 0; i < 9000; i += 100) {
            put("key-" + i, large("new"));
            store.commit(2 + i);
        }
        assertThat(index.views()).isEqualTo(1);
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

    /** On request, in case the counters are in doubt. */
    @Test
    void afterACleanEndItIsCountedIfAskedFor() throws IOException {
        store = inMemory().open();
        fill();
        store.close();
        index.miscount(2, 0);
        store.alwaysRecounts().open();
        int filesBefore = store.fileIds().size();
        store.engine().deleteObsoleteFiles();
        assertThat(index.views()).isEqualTo(1);
        assertThat(store.fileIds()).hasSize(filesBefore);
        assertAnswersNothing("2=");
    }

    /** The store is closed before the recount ends, so the counters stay in doubt. */
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
        assertAnswersNothing("2=");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anImplausibleCountAsksForARecount(boolean exactlyOnce) throws IOException {
        store = exactlyOnce ? inMemory().exactlyOnce().open() : inMemory().open();
        fill();
        store.close();
        // Less than the bytes that are overwritten next.
        index.miscount(2, 5);
        store.open();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 30; i++) {
                        store.put("key-" + i, large("new"));
                    }
                    store.commit(2);
                    store.commit(3);
                })
                .as("the commit that overwrites more than was counted wakes the cleanup")
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining("2=");
        assertThat(index.views()).isEqualTo(1);
        store.reopen();
        assertThat(store.contents()).isEmpty();
    }

    /** It holds no resources meanwhile, and begins again. */
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
