/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
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

    private final ScheduledThreadPoolExecutor threads;

    private CleanupThread(String name) {
        this(numbered(name));
    }

    CleanupThread(ThreadFactory factory) {
        int count = Math.max(MIN_THREADS, Runtime.getRuntime().availableProcessors() / CORES_PER_THREAD);
        ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(count, factory);
        pool.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        pool.allowCoreThreadTimeOut(true);
        threads = pool;
    }

    private static ThreadFactory numbered(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void work(Slice slice) {
        queue(slice, 0);
    }

    @Override
    public boolean workLater(Slice slice, long nanos) {
        queue(slice, nanos);
        return true;
    }

    private void queue(Slice slice, long nanos) {
        if (threads.getPoolSize() == 0) {
            // Throws before anything is in the queue, where it would stay and be run one day.
            boolean unused = threads.prestartCoreThread();
        }
        try {
            // Nobody asks how it went: a slice reports its failures itself.
            ScheduledFuture<?> unused = threads.schedule(() -> run(slice), nanos, TimeUnit.NANOSECONDS);
        } catch (Throwable e) {
            // Another thread could not be started. It is in the queue by then, so one that there is will take it.
            if (threads.getPoolSize() == 0) {
                throw e;
            }
        }
    }

    private void run(Slice slice) {
        boolean more = true;
        while (more) {
            // An interrupt is meant for nobody here, and would have the files closed that the slice reads.
            boolean unused = Thread.interrupted();
            more = slice.run();
            if (more && !threads.getQueue().isEmpty()) {
                work(slice); // in turn with the others
                return;
            }
        }
    }

    @Override
    public boolean worksOnItsOwn() {
        return true;
    }
}
