/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.cleanup.CleanupStatistics;
import io.vlogstreams.internal.cleanup.WorkerOnDemand;
import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.FaultyStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The disk is full, and no file can be deleted before records are copied, for which the cleanup has a reserve. */
class StoreEngineReserveTest {

    private static final int FILE_BYTES = 2048;
    private static final int KEYS = 400;
    private static final double BOUND = 1.5;

    @TempDir
    Path temp;

    private final WorkerOnDemand worker = new WorkerOnDemand();
    private final Map<String, String> model = new TreeMap<>();
    private final IndexOnFullDisk index = new IndexOnFullDisk();
    private final Random random = new Random(1);
    private TestStore store;
    private long limit;

    /** A clock that advances by a second with each read, so that the pace allows everything. */
    private final AtomicLong seconds = new AtomicLong();

    /** An index that refuses writes when the disk is full, like one on the same disk. */
    private final class IndexOnFullDisk extends MemoryIndex {

        private long failures;
        private boolean isBroken;

        @Override
        public void write(IndexBatch batch, boolean sync) throws IndexException {
            if (isBroken) {
                throw new IndexException("takes no writes for a while");
            }
            if (store != null && store.storage().usableBytes() == 0) {
                failures++;
                throw new IndexException("No space left on device for the index");
            }
            super.write(batch, sync);
        }
    }

    @AfterEach
    void close() throws IOException {
        store.storage().heal();
        store.close();
    }

    private void put(String key, String value) throws IOException {
        store.put(key, value);
        model.put(key, value);
    }

    private void open(SyncPolicy policy) throws IOException {
        store = TestStore.in(temp)
                .inMemory(index)
                .worker(worker)
                .clock(() -> seconds.incrementAndGet() * 1_000_000_000)
                .sync(policy)
                .maxFile(FILE_BYTES)
                .maxSpaceAmplification(BOUND)
                .open();
    }

    private void clean() {
        worker.letTimePass(); // failed work is retried after a pause
        store.engine().cleanUp();
        worker.run();
    }

    private void overwrite(int times) throws IOException {
        for (int i = 0; i < times; i++) {
            put("key-" + random.nextInt(KEYS), large(i));
            if (i % 50 == 49) {
                store.commit(i);
            }
        }
        store.commit(times);
    }

    private long usedBytes() {
        return store.storage().names().stream()
                .mapToLong(name -> store.storage().bytes(name).length)
                .sum();
    }

    /** Creates a store with a reserve, far above its bound, whose files are all partly live. */
    private void prepare(SyncPolicy policy) throws IOException {
        open(policy);
        for (int i = 0; i < KEYS; i++) {
            put("key-" + i, large("first"));
        }
        store.commit(1);
        assertThat(store.reserveBytes()).as("nothing was relocated").isZero();
        overwrite(2 * KEYS);
        clean();
        assertThat(store.reserveBytes()).isEqualTo(FILE_BYTES);
        store.maxSpaceAmplification(TestStore.NO_RELOCATION).reopen();
        overwrite(KEYS);
        store.engine().deleteObsoleteFiles();
        store.maxSpaceAmplification(BOUND).reopen();
    }

    /** Fills the disk to the last byte; the last records stay in memory. */
    private void fillDisk() throws IOException {
        put("waiting", large("new"));
        limit = usedBytes();
        store.storage().limitTo(limit);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        put("waiting-" + i, large(i));
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left");
        assertThatThrownBy(() -> store.commit(2)).hasMessageContaining("No space left");
        List<Long> files = store.fileIds();
        assertThat(store.engine().deleteObsoleteFiles()).isZero();
        Set<Long> live = store.recountedLiveBytes().keySet();
        assertThat(files.stream().filter(id -> !live.contains(id)).count())
                .as("files without a live byte: active ones")
                .isLessThanOrEqualTo(2);
        assertThat(store.bytesAbove(BOUND)).isGreaterThan(10 * FILE_BYTES);
    }

    private CleanupStatistics cleanup() {
        return store.engine().statistics().cleanup();
    }

    private void checkPutsWorkAgain() throws IOException {
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after a full disk");
        for (int i = 0; i < 20; i++) {
            put("again-" + i, large(i));
        }
        store.commit(3);
        clean();
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after puts");
        store.killAndOpen();
        assertThat(store.contents()).isEqualTo(model);
        store.reopen();
        assertThat(store.contents()).isEqualTo(model);
        assertThat(store.reserveBytes()).isEqualTo(FILE_BYTES);
    }

    @ParameterizedTest
    @EnumSource(SyncPolicy.class)
    void aFullDiskIsCleanedUpWithTheReserve(SyncPolicy policy) throws IOException {
        prepare(policy);
        fillDisk();
        clean();
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        assertThat(cleanup().deletedFiles()).isGreaterThan(10);
        assertThat(index.failures).as("writes that the index had no room for").isZero();
        assertThat(store.reserveBytes()).as("given back").isEqualTo(FILE_BYTES);
        assertThat(usedBytes()).isLessThanOrEqualTo(limit - 10 * FILE_BYTES);
        checkPutsWorkAgain();
    }

    @Test
    void aPutTakesNothingOfTheReserve() throws IOException {
        prepare(SyncPolicy.NONE);
        fillDisk();
        assertThat(store.reserveBytes()).isEqualTo(FILE_BYTES);
        assertThat(store.contents()).isEqualTo(model);
    }

    @ParameterizedTest
    @EnumSource(SyncPolicy.class)
    void whatWasPutIsNotWrittenByAMove(SyncPolicy policy) throws IOException {
        prepare(policy);
        fillDisk();
        long appendedTo = store.engine().commitPoint().tail().longLived().fileId();
        Set<Long> written = new TreeSet<>();
        store.storage().beforeCall((operation, name) -> {
            if (operation == FaultyStorage.Operation.WRITE && name.endsWith(".vlog")) {
                written.add(Long.parseLong(name.replace(".vlog", "")));
            }
        });
        clean();
        assertThat(cleanup().relocatedRecords()).isPositive();
        assertThat(written).isNotEmpty().doesNotContain(appendedTo);
        assertThat(store.fileIds()).contains(appendedTo);
    }

    @Test
    void anIndexWriteWithoutCopiesGetsRoom() throws IOException {
        prepare(SyncPolicy.NONE);
        long relocatedTo = store.engine().commitPoint().tail().relocated().fileId();
        store.maxSpaceAmplification(TestStore.NO_RELOCATION).reopen();
        for (int i = 0; i < KEYS; i++) {
            put("key-" + i, large("new"));
        }
        store.commit(2);
        store.maxSpaceAmplification(BOUND).reopen();
        assertThat(store.fileIds()).contains(relocatedTo);
        store.storage().limitTo(usedBytes());
        clean();
        assertThat(index.failures).isZero();
        assertThat(store.fileIds()).as("ended, and deleted").doesNotContain(relocatedTo);
    }

    @Test
    void withoutTheReserveNothingIsCopied() throws IOException {
        prepare(SyncPolicy.NONE);
        fillDisk();
        store.storage().remove(TestStore.RESERVE);
        limit = usedBytes();
        store.storage().limitTo(limit);
        clean();
        assertThat(cleanup().deletedFiles()).isZero();
        assertThat(store.contents()).isEqualTo(model);

        store.storage().limitTo(limit + 2 * FILE_BYTES);
        store.commit(3);
        clean();
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        checkPutsWorkAgain();
    }

    @Test
    void nothingIsCopiedThatAnIndexCannotTake() throws IOException {
        prepare(SyncPolicy.NONE);
        fillDisk();
        index.isBroken = true;
        clean();
        long bytes = store.fileBytes();
        for (int i = 0; i < 10; i++) {
            clean();
        }
        assertThat(store.fileBytes()).isEqualTo(bytes);
        index.isBroken = false;
        clean();
        assertThat(cleanup().relocatedRecords()).isPositive();
        assertThat(store.contents()).isEqualTo(model);
    }

    @Test
    void itIsCountedInWhatTheStoreTakesButNotAsExcess() throws IOException {
        prepare(SyncPolicy.NONE);
        clean();
        assertThat(store.engine().statistics().space().totalBytes()).isEqualTo(store.fileBytes() + FILE_BYTES);
        long relocated = cleanup().relocatedRecords();
        clean();
        assertThat(cleanup().relocatedRecords()).isEqualTo(relocated);
    }

    @Test
    void aKillWhileItIsInUseDoesNotHurt() throws IOException {
        prepare(SyncPolicy.NONE);
        store.commit(5);
        Map<String, String> committed = Map.copyOf(model);
        fillDisk();
        long deleted = 0;
        for (int call = 5; deleted == 0; call += 7) {
            store.storage().failCall(call);
            clean();
            assertThat(store.contents()).isEqualTo(model);
            deleted = cleanup().deletedFiles();
            store.killAndOpen();
            store.storage().limitTo(limit);
            model.clear();
            model.putAll(committed);
            assertThat(store.contents()).isEqualTo(model);
        }
        clean();
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        checkPutsWorkAgain();
    }
}
