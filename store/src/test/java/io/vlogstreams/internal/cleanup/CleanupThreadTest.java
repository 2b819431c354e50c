/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads of the cleanup, if the operating system cannot start any. */
@Timeout(60)
class CleanupThreadTest {

    /** The number of threads that can be started. */
    private final AtomicInteger available = new AtomicInteger();

    private final AtomicInteger runs = new AtomicInteger();
    private final CleanupThread threads = new CleanupThread(task -> {
        Thread thread = new Thread(task) {
            @Override
            public synchronized void start() {
                if (available.getAndDecrement() <= 0) {
                    available.incrementAndGet();
                    throw new OutOfMemoryError("unable to create native thread");
                }
                super.start();
            }
        };
        thread.setDaemon(true);
        return thread;
    });

    private boolean count() {
        runs.incrementAndGet();
        return false;
    }

    @Test
    void whatCouldNotBeTakenIsSaidAndNotRunLater() {
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> threads.work(this::count)).isInstanceOf(OutOfMemoryError.class);
            assertThatThrownBy(() -> threads.workLater(this::count, 1)).isInstanceOf(OutOfMemoryError.class);
        }
        available.set(10);
        CountDownLatch done = new CountDownLatch(1);
        threads.work(() -> {
            done.countDown();
            return count();
        });
        await().until(() -> done.getCount() == 0 && runs.get() > 0);
        assertThat(runs).hasValue(1);
    }

    @Test
    void oneThreadThatCouldBeStartedIsEnough() {
        available.set(1);
        for (int i = 0; i < 100; i++) {
            threads.work(this::count);
            threads.workLater(this::count, 1);
        }
        await().untilAtomic(runs, org.hamcrest.Matchers.equalTo(200));
    }

    @Test
    void anInterruptIsNotLeftToTheNextSlice() {
        available.set(1);
        AtomicInteger interrupted = new AtomicInteger();
        AtomicInteger slices = new AtomicInteger();
        threads.work(() -> {
            if (Thread.currentThread().isInterrupted()) {
                interrupted.incrementAndGet();
            }
            Thread.currentThread().interrupt();
            return slices.incrementAndGet() < 3;
        });
        await().until(() -> slices.get() == 3);
        assertThat(interrupted).hasValue(0);
    }
}
