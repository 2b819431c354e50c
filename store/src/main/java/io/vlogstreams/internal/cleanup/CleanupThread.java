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
 * A pool of a few daemon threads that work for the cleanups of all stores of the process in turn. Idle threads end.
 *
 * <p>Thread-safe.
 */
public final class CleanupThread implements CleanupWorker {

    /** The threads of this process that take the steps of all cleanups. */
    public static final CleanupThread STEPS = new CleanupThread("vlog-cleanup-");

    /** The threads that delete files. They are separate because they wait for the disk. */
    public static final CleanupThread DELETIONS = new CleanupThread("vlog-deletion-");

    private static final int CORES_PER_THREAD = 4;

    /** At least two, so that a store need not wait while the disk serves another. */
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
            // Throws before the slice is in the queue, where it would stay and run at some later time.
            boolean unused = threads.prestartCoreThread();
        }
        try {
            // The result is not needed: a slice reports its failures itself.
            ScheduledFuture<?> unused = threads.schedule(() -> run(slice), nanos, TimeUnit.NANOSECONDS);
        } catch (Throwable e) {
            // A further thread could not be started. The slice is already in the queue, so an existing thread runs it.
            if (threads.getPoolSize() == 0) {
                throw e;
            }
        }
    }

    private void run(Slice slice) {
        boolean more = true;
        while (more) {
            // Clears interrupts, which are not meant for the cleanup.
            boolean unused = Thread.interrupted();
            more = slice.run();
            if (more && !threads.getQueue().isEmpty()) {
                work(slice); // in turn with other stores
                return;
            }
        }
    }

    @Override
    public boolean worksOnItsOwn() {
        return true;
    }
}
