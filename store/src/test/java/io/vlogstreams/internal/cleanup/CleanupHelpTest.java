/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vlogstreams.internal.index.HookedIndex;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogOptions;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A writer that is far ahead of the cleanup. */
@Timeout(60)
class CleanupHelpTest {

    private static final int KEYS = 2000;
    private static final double BOUND = 1.2;

    /** A worker with its own thread, which starts on request. */
    private final class OwnThread implements CleanupWorker {

        @Override
        public void work(Slice slice) {
            Future<?> unused = threads.submit(() -> {
                while (slice.run()) {
                    // Until there is nothing to do.
                }
            });
        }

        @Override
        public boolean worksOnItsOwn() {
            return true;
        }
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HookedIndex index = new HookedIndex(new MemoryIndex());
    private final SpaceLedger ledger = new SpaceLedger(new TreeMap<>());
    private VLog vlog;
    private WriterOnMemory writer;

    @BeforeEach
    void fillFarAboveTheBound() throws IOException {
        vlog = VLog.open(
                new FaultyStorage(),
                new VLogOptions(4096, 0, 4, 0, ChecksumLevel.FULL),
                VLogTail.EMPTY,
                fileId -> true);
        writer = new WriterOnMemory(index, vlog, ledger);
        for (int key = 0; key < KEYS; key++) {
            put(key);
        }
        for (int key = 0; key < KEYS; key++) {
            if (key % 2 == 0) {
                put(key);
            }
        }
        index.forgetDead(); // steps look up live records, which the tests block
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        vlog.close();
    }

    private void put(int key) throws IOException {
        writer.put(ByteBuffer.allocate(4).putInt(key).array(), new byte[100]);
    }

    private Cleanup cleanup(CleanupWorker worker, long sliceNanos, LongSupplier nanoTime) {
        return cleanup(worker, CleanupHelpTest::onThisThread, sliceNanos, nanoTime);
    }

    private Cleanup cleanup(CleanupWorker worker, CleanupWorker deleter, long sliceNanos, LongSupplier nanoTime) {
        CleanupOptions options = new CleanupOptions(BOUND, false, sliceNanos, worker, deleter, nanoTime);
        return new Cleanup("store", vlog, index, ledger, new Pins(), writer, options, 0, false);
    }

    @Test
    void waitsForTheThreadThatWorksAndTakesNoStepBesideIt() throws Exception {
        Set<Thread> stepping = ConcurrentHashMap.newKeySet();
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        index.afterNextLookup(() -> {
            inStep.countDown();
            awaitUninterrupted(goOn);
        });
        index.onEachLookup(() -> stepping.add(Thread.currentThread()));
        long before = vlog.totalBytes();
        try (Cleanup cleanup = cleanup(new OwnThread(), TimeUnit.MINUTES.toNanos(1), System::nanoTime)) {
            cleanup.wake();
            inStep.await();
            Future<?> later = threads.submit(() -> {
                TimeUnit.MILLISECONDS.sleep(50);
                goOn.countDown();
                return null;
            });
            cleanup.help();
            later.get();
            assertThat(stepping).isNotEmpty().doesNotContain(Thread.currentThread());
            assertThat(vlog.totalBytes()).isLessThan(before);
        }
    }

    @Test
    void onlyOneSliceRunsAtATimeAndNoWakeIsLost() {
        List<CleanupWorker.Slice> slices = new ArrayList<>();
        try (Cleanup cleanup = cleanup(slices::add, Long.MAX_VALUE, System::nanoTime)) {
            cleanup.wake();
            cleanup.wake();
            assertThat(slices).hasSize(1);
            index.afterNextLookup(cleanup::wake);
            // No work is left, but it was woken after it had begun to look.
            assertThat(slices.get(0).run()).isTrue();
            assertThat(slices).hasSize(1);
            assertThat(slices.get(0).run()).isFalse();
            cleanup.wake();
            assertThat(slices).hasSize(2);
        }
    }

    @Test
    void aWriterThatWaitsDoesNotKeepTheThreadFromItsNextStep() throws Exception {
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        index.afterNextLookup(() -> {
            inStep.countDown();
            awaitUninterrupted(goOn);
        });
        try (Cleanup cleanup = cleanup(new OwnThread(), TimeUnit.MINUTES.toNanos(1), System::nanoTime)) {
            cleanup.wake();
            inStep.await();
            Thread waiting = new Thread(cleanup::help);
            waiting.start();
            await("the writer waits").until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
            // Otherwise it would wait for the lock of the steps, or hold it.
            assertThat(waiting.getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().equals("awaitWorker"));
            goOn.countDown();
            waiting.join();
            assertThat(cleanup.statistics().relocatedRecords()).isPositive();
        }
    }

    @Test
    void takesStepsItselfIfNobodyWorks() throws IOException {
        WorkerOnDemand never = new WorkerOnDemand();
        AtomicLong seconds = new AtomicLong();
        try (Cleanup cleanup =
                cleanup(never, Long.MAX_VALUE, () -> seconds.incrementAndGet() * TimeUnit.SECONDS.toNanos(1))) {
            cleanup.help();
            assertThat(cleanup.statistics().relocatedRecords()).isPositive();
        }
    }

    @Test
    void goesOnWhenASliceIsOver() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch inStep = new CountDownLatch(1);
        index.afterNextLookup(() -> {
            inStep.countDown();
            awaitUninterrupted(goOn);
        });
        try (Cleanup cleanup = cleanup(new OwnThread(), TimeUnit.MILLISECONDS.toNanos(20), System::nanoTime)) {
            cleanup.wake();
            inStep.await();
            cleanup.help();
            assertThat(cleanup.statistics().relocatedRecords()).isZero();
            goOn.countDown();
            await("the thread's work")
                    .untilAsserted(() ->
                            assertThat(cleanup.statistics().relocatedRecords()).isPositive());
        }
    }

    /** A worker that claims to work on its own, but has no thread. */
    private static final class NoThread implements CleanupWorker {

        @Override
        public void work(Slice slice) {
            throw new OutOfMemoryError("unable to create native thread");
        }

        @Override
        public boolean workLater(Slice slice, long nanos) {
            throw new OutOfMemoryError("unable to create native thread");
        }

        @Override
        public boolean worksOnItsOwn() {
            return true;
        }
    }

    /** Otherwise it would wait for an hour. */
    @Test
    void doesAllOfItIfNoThreadCanBeStarted() throws IOException {
        long before = vlog.totalBytes();
        AtomicLong seconds = new AtomicLong();
        try (Cleanup cleanup = cleanup(
                new NoThread(),
                new NoThread(),
                TimeUnit.HOURS.toNanos(1),
                () -> seconds.incrementAndGet() * TimeUnit.SECONDS.toNanos(1))) {
            for (int i = 0; i < 20; i++) {
                cleanup.wake();
                cleanup.help();
            }
            assertThat(cleanup.statistics().failing()).isTrue();
            assertThat(cleanup.statistics().deletedFiles()).isPositive();
            assertThat(cleanup.space().totalBytes()).isLessThan(before * 9 / 10);
            assertThat(cleanup.isHeldUp()).isFalse();
        }
    }

    @Test
    void neitherWaitsForAThreadThatFailsNorFailsAsItDoes() throws Exception {
        AtomicLong failures = new AtomicLong();
        index.onEachLookup(() -> {
            failures.incrementAndGet();
            throw new StackOverflowError("test");
        });
        try (Cleanup cleanup = cleanup(new OwnThread(), TimeUnit.HOURS.toNanos(1), System::nanoTime)) {
            cleanup.wake();
            await("the failure").until(() -> cleanup.statistics().failing());
            for (int i = 0; i < 100; i++) {
                cleanup.help();
            }
            assertThat(failures).hasValueLessThan(10);
        }
    }

    @Test
    void aStepOfItsOwnThatFailsIsNotItsFailure() {
        index.onEachLookup(() -> {
            throw new StackOverflowError("test");
        });
        WorkerOnDemand never = new WorkerOnDemand();
        try (Cleanup cleanup = cleanup(never, Long.MAX_VALUE, System::nanoTime)) {
            cleanup.help();
            assertThat(cleanup.statistics().failing()).isTrue();
            index.onEachLookup(() -> {});
            assertThat(never.letTimePass()).as("it is tried again").isTrue();
            never.run();
            assertThat(cleanup.statistics().failing()).isFalse();
            assertThat(cleanup.statistics().relocatedRecords()).isPositive();
        }
    }

    /** More files wait for deletion than a writer may be ahead. */
    @Test
    void doesNotWaitForDeletionsThatFail() throws Exception {
        index.onEachSync(() -> {
            throw new StackOverflowError("test");
        });
        try (Cleanup cleanup = cleanup(new OwnThread(), new OwnThread(), TimeUnit.HOURS.toNanos(1), System::nanoTime)) {
            cleanup.wake();
            await("the failure").until(() -> cleanup.statistics().failing());
            for (int i = 0; i < 100; i++) {
                cleanup.help();
            }
            assertThat(cleanup.isHeldUp()).isFalse();
            assertThat(cleanup.statistics().deletedFiles()).isZero();
        }
    }

    private static void onThisThread(CleanupWorker.Slice slice) {
        while (slice.run()) {
            // Until there is nothing to do.
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
