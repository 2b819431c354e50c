/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.cleanup.WorkerOnDemand;
import io.vlogstreams.internal.index.HookedIndex;
import io.vlogstreams.internal.index.MemoryIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes between the copy of a record and the move of its location win. */
class StoreEngineMoveTest {

    private static final int FILE_BYTES = 2048;
    private static final int COLD_KEYS = 40;
    private static final String COLD = "cold-3";

    /** Large enough for the VLog, and so small that the writer need not help after it was put for every key. */
    private static final String NEW = "n".repeat(TestStore.THRESHOLD_BYTES);

    @TempDir
    Path temp;

    final HookedIndex index = new HookedIndex(new MemoryIndex());
    final WorkerOnDemand worker = new WorkerOnDemand();
    private final Map<String, String> model = new TreeMap<>();
    TestStore store;

    /** Fills the store with many cold records that have to be relocated. */
    @BeforeEach
    void fill() throws IOException {
        open(false);
    }

    private void open(boolean exactlyOnce) throws IOException {
        store = TestStore.in(temp).inMemory(index).worker(worker).maxFile(FILE_BYTES);
        store = (exactlyOnce ? store.exactlyOnce() : store)
                .maxSpaceAmplification(1.2)
                .open();
        for (int i = 0; i < COLD_KEYS; i++) {
            put("cold-" + i, large(i));
            for (int hot = 0; hot < 8; hot++) {
                put("hot-" + hot, large(i));
            }
        }
        store.commit(1);
        forget();
    }

    /** Makes relocation look up live records. */
    void forget() throws IOException {
        index.forgetDead();
        store.engine().cleanUp();
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private void put(String key, String value) throws IOException {
        store.put(key, value);
        model.put(key, value);
    }

    /** Puts all cold keys, so that some are in whichever file is relocated first. */
    private void putAllCold(String value) throws IOException {
        for (int i = 0; i < COLD_KEYS; i++) {
            put("cold-" + i, value);
        }
    }

    private void deleteAllCold() throws IOException {
        for (int i = 0; i < COLD_KEYS; i++) {
            store.delete("cold-" + i);
            model.remove("cold-" + i);
        }
    }

    private void checkAll() throws IOException {
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after relocation");
        store.commit(10);
        worker.run();
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after a commit");
        store.reopen();
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after opening again");
    }

    /** Runs the hook in the middle of the relocation of the first file, after the lookups. */
    void relocateWith(HookedIndex.Hook meanwhile) throws IOException {
        boolean[] done = new boolean[1];
        index.afterNextLookup(() -> {
            meanwhile.run();
            done[0] = true; // the cleanup catches everything that the hook throws
        });
        worker.run();
        assertThat(done[0]).as("done in between").isTrue();
    }

    /** A put touches the index only when it spills, so it need not wait for writes to the index. */
    @Test
    void aPutDoesNotWaitForAMove() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            boolean[] done = new boolean[1];
            index.beforeNextWrite(() -> {
                await(other, () -> put(COLD, large("during the move")));
                done[0] = true;
            });
            worker.run();
            assertThat(done[0]).as("done during a move").isTrue();
            assertThat(store.contents()).isEqualTo(model);
            deleteAllCold();
            checkAll();
        } finally {
            other.shutdownNow();
        }
    }

    /** On a full disk puts would use the room that the index needs. */
    @Test
    void aPutWaitsForAMoveOnAFullDisk() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            store.storage().limitTo(100 << 20);
            List<Future<?>> puts = new ArrayList<>();
            index.beforeNextWrite(() -> {
                puts.add(other.submit(() -> {
                    putAllCold(large("after the move"));
                    return null;
                }));
                assertThatThrownBy(() -> puts.get(0).get(100, TimeUnit.MILLISECONDS))
                        .isInstanceOf(TimeoutException.class);
            });
            worker.run();
            assertThat(store.engine().statistics().cleanup().failures()).isZero();
            puts.get(0).get(20, TimeUnit.SECONDS);
            checkAll();
        } finally {
            other.shutdownNow();
        }
    }

    private static void await(ExecutorService thread, HookedIndex.Hook work) {
        try {
            thread.submit(() -> {
                        work.run();
                        return null;
                    })
                    .get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aCommittedPutWins() throws IOException {
        putAllCold(NEW);
        relocateWith(() -> store.commit(2));
        assertThat(store.get(COLD)).isEqualTo(NEW);
        checkAll();
    }

    @Test
    void aCommittedInlineValueWins() throws IOException {
        putAllCold("small");
        relocateWith(() -> store.commit(2));
        assertThat(store.get(COLD)).isEqualTo("small");
        checkAll();
    }

    @Test
    void aCommittedDeletionWins() throws IOException {
        deleteAllCold();
        relocateWith(() -> store.commit(2));
        assertThat(store.get(COLD)).isNull();
        checkAll();
    }

    @Test
    void aStagedPutWins() throws IOException {
        relocateWith(() -> putAllCold(large("new")));
        assertThat(store.get(COLD)).isEqualTo(large("new"));
        checkAll();
    }

    @Test
    void aStagedDeletionWins() throws IOException {
        relocateWith(this::deleteAllCold);
        assertThat(store.get(COLD)).isNull();
        checkAll();
    }

    @Test
    void aRestoredRecordWins() throws IOException {
        relocateWith(() -> store.restore(7, TestStore.write(COLD, "restored"), TestStore.write("cold-4", null)));
        model.put(COLD, "restored");
        model.remove("cold-4");
        assertThat(store.committedOffset()).isEqualTo(7);
        checkAll();
    }

    @Test
    void everyKeyOfTheFileOverwrittenMeanwhile() throws IOException {
        for (String key : List.copyOf(model.keySet())) {
            put(key, NEW);
        }
        relocateWith(() -> store.commit(2));
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after relocation");
    }

    @Test
    void aCommitInBetweenIsNotUndone() throws IOException {
        put("other", large("new"));
        relocateWith(() -> store.commit(2));
        assertThat(store.committedOffset()).isEqualTo(2);
        checkAll();
    }

    @Test
    void relocationMakesNothingOfWhatIsStagedPermanent() throws IOException {
        store.close();
        model.clear();
        open(true);
        store.put(COLD, large("never committed"));
        store.put("never committed", large("1"));
        store.delete("cold-7");
        worker.run();
        assertThat(store.engine().commitPoint().tail().relocated().fileId()).isPositive();
        store.killAndOpen();
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after opening again");
        store.put("after", large("1"));
        model.put("after", large("1"));
        store.commit(3);
        worker.run();
        assertThat(store.contents()).isEqualTo(model);
    }

    @Test
    void aRollBackMeanwhileLeavesWhatWasCommitted() throws IOException {
        store.close();
        model.clear();
        open(true);
        store.put(COLD, large("aborted"));
        store.delete("cold-7");
        relocateWith(() -> store.engine().rollBack(false));
        checkAll();
    }

    private static void fail() {
        throw new OutOfMemoryError("test");
    }

    /** Fails the next write with an error, so that it is unknown whether the index has it. */
    private void failNextWrite(boolean whenItIsWritten) {
        if (whenItIsWritten) {
            index.afterNextWrite(StoreEngineMoveTest::fail);
        } else {
            index.beforeNextWrite(StoreEngineMoveTest::fail);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCommitThatEndsInAnErrorHasMadeItOrNot(boolean whenItIsWritten) throws IOException {
        putAllCold(large("new"));
        failNextWrite(whenItIsWritten);
        assertThatThrownBy(() -> store.commit(2)).isInstanceOf(OutOfMemoryError.class);
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after the error");
        put("hot-1", large("newest"));
        worker.run();
        store.commit(3);
        assertThat(store.committedOffset()).isEqualTo(3);
        checkAll();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMoveThatEndsInAnErrorHasMadeItOrNot(boolean whenItIsWritten) throws IOException {
        failNextWrite(whenItIsWritten);
        worker.run();
        assertThat(store.engine().statistics().cleanup().failures()).isEqualTo(1);
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after the error");
        while (worker.letTimePass()) {
            worker.run();
        }
        assertThat(store.engine().statistics().cleanup().failing()).isFalse();
        assertThat(store.engine().statistics().cleanup().deletedFiles()).isPositive();
        checkAll();
    }

    /** The locations that it replaced are not known to be dead. */
    @Test
    void aCommitThatEndedInAnErrorWins() throws IOException {
        relocateWith(() -> {
            putAllCold(large("won"));
            index.afterNextWrite(StoreEngineMoveTest::fail);
            assertThatThrownBy(() -> store.commit(2)).isInstanceOf(OutOfMemoryError.class);
            store.engine().rollBack(false); // staged writes would hide the content of the index
        });
        while (worker.letTimePass()) {
            worker.run();
        }
        checkAll();
    }
}
