/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.large;
import static io.vlogstreams.internal.engine.TestStore.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vlogstreams.internal.cleanup.CleanupThread;
import io.vlogstreams.internal.index.IndexTuning;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.index.RocksDbIndex;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The production cleanup threads, concurrently with all other threads. */
@Timeout(60)
class StoreEngineCleanupThreadTest {

    private static final double BOUND = 1.2;
    private static final int FILE_BYTES = 16 << 10;
    private static final int KEYS = 200;
    private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(2000);

    @TempDir
    Path temp;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** By key: the number of the value that was put last; below, of the one that is being put. */
    private final AtomicLongArray done = new AtomicLongArray(KEYS);

    private final AtomicLongArray begun = new AtomicLongArray(KEYS);
    private volatile boolean writing = true;
    private TestStore store;

    @AfterEach
    void close() throws IOException {
        threads.shutdownNow();
        if (store != null) {
            store.close();
        }
    }

    private TestStore store(String folder) {
        return TestStore.in(temp.resolve(folder))
                .workers(CleanupThread.STEPS, CleanupThread.DELETIONS)
                .maxFile(FILE_BYTES)
                .maxSpaceAmplification(BOUND);
    }

    private static byte[] key(int key) {
        return bytes("key-" + key);
    }

    private static String value(int key, long number) {
        return key + ":" + number + ":" + "x".repeat(300 + (int) (number * 31 % 900));
    }

    /** Checks that the value is whole and belongs to the key; returns its number. */
    private static long number(int key, byte[] value) {
        long number = Long.parseLong(text(value).split(":", -1)[1]);
        assertThat(text(value)).isEqualTo(value(key, number));
        return number;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void againstWritersReadersAndScans(boolean exactlyOnceWithSpills) throws Exception {
        TestStore options = store("store").inMemory(RocksDbIndex.open(temp.resolve("index"), IndexTuning.NONE));
        options.locationCache(exactlyOnceWithSpills ? 4096 : 8 << 20);
        store = (exactlyOnceWithSpills ? options.exactlyOnce().awaitsNoCommits().maxStaged(20_000) : options).open();
        for (int key = 0; key < KEYS; key++) {
            store.engine().put(key(key), bytes(value(key, 0)));
        }
        store.commit(0);
        StoreScan forgotten = store.scan();
        List<Future<Long>> running = new ArrayList<>();
        running.add(threads.submit(() -> read(new Random(1))));
        running.add(threads.submit(() -> read(new Random(2))));
        running.add(threads.submit(() -> scan(new Random(3))));
        if (!exactlyOnceWithSpills) {
            running.add(threads.submit(this::commit));
        }
        try {
            write(new Random(4));
        } finally {
            writing = false;
        }
        for (Future<Long> each : running) {
            assertThat(each.get()).isPositive();
        }
        for (; forgotten.isValid(); forgotten.advance()) {
            int key = Integer.parseInt(text(forgotten.key()).substring("key-".length()));
            assertThat(number(key, forgotten.value())).isZero();
        }
        forgotten.close();
        store.commit(1_000_000);
        await("the bound").atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            store.engine().cleanUp();
            assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        });
        assertThat(store.engine().commitPoint().tail().relocated().fileId())
                .as("records were relocated")
                .isPositive();
        for (int key = 0; key < KEYS; key++) {
            assertThat(number(key, store.engine().get(key(key)))).isEqualTo(done.get(key));
        }
        store.checkLiveBytes("at the end");
        FaultyStorage storage = store.storage();
        store.close();
        store = null;
        assertThat(storage.openFiles()).isZero();
        long calls = storage.calls();
        TimeUnit.MILLISECONDS.sleep(50);
        assertThat(storage.calls()).as("nobody works on a closed store").isEqualTo(calls);
    }

    private void write(Random random) throws IOException {
        long end = System.nanoTime() + RUN_NANOS;
        for (long number = 1; System.nanoTime() < end; number++) {
            // Some keys are written often and some rarely, so those have to be relocated.
            int key = (int) (KEYS * Math.pow(random.nextDouble(), 6));
            begun.set(key, number);
            store.engine().put(key(key), bytes(value(key, number)));
            done.set(key, number);
        }
    }

    private long commit() throws Exception {
        long commits = 0;
        while (writing) {
            store.commit(++commits);
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return commits;
    }

    private long read(Random random) throws IOException {
        long reads = 0;
        for (; writing || reads == 0; reads++) {
            int key = random.nextInt(KEYS);
            long before = done.get(key);
            assertThat(number(key, store.engine().get(key(key)))).isBetween(before, begun.get(key));
        }
        return reads;
    }

    private long scan(Random random) throws Exception {
        long scans = 0;
        for (; writing || scans == 0; scans++) {
            List<Long> before = new ArrayList<>();
            for (int key = 0; key < KEYS; key++) {
                before.add(done.get(key));
            }
            int seen = 0;
            try (StoreScan scan = store.engine().scan(KeyRange.ALL, random.nextBoolean())) {
                for (; scan.isValid(); scan.advance(), seen++) {
                    int key = Integer.parseInt(text(scan.key()).substring("key-".length()));
                    assertThat(number(key, scan.value())).isBetween(before.get(key), begun.get(key));
                    if (random.nextInt(100) == 0) {
                        TimeUnit.MILLISECONDS.sleep(5);
                    }
                }
            }
            assertThat(seen).isEqualTo(KEYS);
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return scans;
    }

    /** Deletions are only as fast as syncs, so a faster writer has to wait. */
    @Test
    void aWriterDoesNotGetAheadOfASlowDisk() throws Exception {
        store = store("slow").inMemory().awaitsNoCommits().open();
        store.storage().beforeCall((operation, name) -> {
            if (operation == FaultyStorage.Operation.SYNC) {
                sleepUninterrupted();
            }
        });
        long highest = Long.MIN_VALUE;
        for (int number = 0; number < 20 * KEYS; number++) {
            int key = number % KEYS;
            store.engine().put(key(key), bytes(value(key, number)));
            if (number >= KEYS && number % 10 == 0) {
                highest = Math.max(highest, store.bytesAbove(BOUND));
            }
        }
        assertThat(highest).isLessThan(6L * FILE_BYTES);
    }

    private static void sleepUninterrupted() {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The store is closed while a step is blocked in the middle. */
    @Test
    void closeWaitsForTheStepThatIsUnderWay() throws Exception {
        store = store("held").inMemory(new MemoryIndex()).open();
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean stepEnded = new AtomicBoolean();
        fillWithoutCommit();
        AtomicBoolean held = new AtomicBoolean();
        store.storage().beforeCall((operation, name) -> {
            // Nobody else reads.
            if (operation == Operation.READ && held.compareAndSet(false, true)) {
                inStep.countDown();
                awaitUninterrupted(goOn);
                stepEnded.set(true);
            }
        });
        store.commit(1);
        assertThat(inStep.await(20, TimeUnit.SECONDS)).isTrue();
        StoreEngine closing = store.engine();
        AtomicBoolean endedBefore = new AtomicBoolean();
        Future<?> close = threads.submit(() -> {
            closing.close();
            endedBefore.set(stepEnded.get());
            return null;
        });
        TimeUnit.MILLISECONDS.sleep(100);
        assertThat(close.isDone()).isFalse();
        goOn.countDown();
        close.get();
        assertThat(endedBefore).isTrue();
        assertThat(store.storage().openFiles()).isZero();
        store.open();
        assertThat(store.contents()).hasSize(KEYS);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Fills files, half of each obsolete. */
    private void fillWithoutCommit() throws IOException {
        for (int i = 0; i < KEYS; i++) {
            store.put("key-" + i, large(i) + "x".repeat(1000));
        }
        store.commit(0);
        for (int i = 0; i < KEYS; i += 2) {
            store.put("key-" + i, large("new") + "x".repeat(1000));
        }
    }

    /** At a random moment. */
    @RepeatedTest(20)
    void closeAtAnyMomentOfACleanup() throws Exception {
        store = store("any").inMemory().open();
        fillWithoutCommit();
        store.commit(1);
        TimeUnit.MICROSECONDS.sleep(new Random().nextInt(4000));
        StoreEngine engine = store.engine();
        store.close();
        assertThat(store.storage().openFiles()).isZero();
        engine.cleanUp();
        long calls = store.storage().calls();
        TimeUnit.MILLISECONDS.sleep(5);
        assertThat(store.storage().calls()).isEqualTo(calls);
        store.open();
        assertThat(store.contents()).hasSize(KEYS);
        store.checkLiveBytes("after opening again");
    }
}
