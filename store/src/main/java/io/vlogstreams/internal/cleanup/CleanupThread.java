/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Cleans up all stores of the process, in turn, on a few daemon threads that end when there is nothing to do.
 *
 * <p>Thread-safe.
 */
public final class CleanupThread implements CleanupWorker {

    /** Those of this process that take the steps of all cleanups. */
    public static final CleanupThread STEPS = new CleanupThread("vlog-cleanup-");

    /** Those that delete files: they wait for the disk, and would keep the steps waiting. */
    public static final CleanupThread DELETIONS = new CleanupThread("vlog-deletion-");

    private static final int CORES_PER_THREAD = 4;

    /** So that a store does not have to wait until the disk has served another. */
    private static final int MIN_THREADS = 2;

    private static final long IDLE_SECONDS = 10;

    private static final long LATER_MS = 100;

    private final ScheduledThreadPoolExecutor threads;

    private CleanupThread(String name) {
        AtomicInteger number = new AtomicInteger();
        int count = Math.max(MIN_THREADS, Runtime.getRuntime().availableProcessors() / CORES_PER_THREAD);
        ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(count, task -> {
            Thread thread = new Thread(task, name + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        pool.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        pool.allowCoreThreadTimeOut(true);
        threads = pool;
    }

    @Override
    public void work(Slice slice) {
        threads.execute(() -> {
            boolean more = slice.run();
            while (more && threads.getQueue().isEmpty()) {
                more = slice.run(); // on a thread that is awake
            }
            if (more) {
                work(slice);
            }
        });
    }

    @Override
    public void workLater(Slice slice) {
        // Nobody asks how it went: a slice reports its failures itself.
        ScheduledFuture<?> unused = threads.schedule(() -> work(slice), LATER_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean worksOnItsOwn() {
        return true;
    }
}
