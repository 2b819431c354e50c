/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs one kind of work of a store's cleanup on a {@link CleanupWorker}, one slice at a time. It runs when it is woken,
 * and once more if it is woken meanwhile. Slices never overlap.
 *
 * <p>Whatever a slice throws is reported, and the slice is retried after a pause that doubles with each failure. If no
 * thread can be started, that is reported, and the next wake tries again. No throwable leaves this class in a state in
 * which later wakes are lost.
 *
 * <p>Thread-safe. Its monitor is held for a few instructions, and never during work.
 */
final class Runner {

    /** The pause after the first failure, and for work that waits for its pace. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int MAX_DOUBLINGS = 7;

    /** What follows a slice. */
    enum Next {
        NOTHING,
        /** Another slice. */
        MORE,
        /** Another slice after a short pause, or when it is woken. */
        LATER
    }

    /** The work. */
    interface Work {
        /** Works for a while. */
        Next slice() throws IOException;
    }

    private final CleanupWorker worker;
    private final Work work;

    /** Failures of the work. */
    private final Failures failures;

    /** Failures of starting a thread for the work. */
    private final Failures unstarted;

    /** Whether a slice runs, or a worker will run it; guarded by this, like all fields below. */
    private boolean handedOver;

    private boolean running;

    /** Whether it was woken since the last slice began. */
    private boolean woken;

    /** Whether it was woken by {@link #wakeInPause}, so that even a failure of the slice causes no pause. */
    private boolean wokenInPause;

    /** Whether a timer will call {@link #timeIsUp}. */
    private boolean timed;

    private boolean closed;

    Runner(CleanupWorker worker, Work work, Failures failures, Failures unstarted) {
        this.worker = worker;
        this.work = work;
        this.failures = failures;
        this.unstarted = unstarted;
    }

    /**
     * Announces work. Any thread; returns immediately, unless the worker works on the caller's thread. It does nothing
     * in the pause after a failure, which a retry follows anyway.
     */
    void wake() {
        if (askFor(false)) {
            handOver();
        }
    }

    /** The same, but it also ends the pause after a failure, because the work may succeed now. */
    void wakeInPause() {
        if (askFor(true)) {
            handOver();
        }
    }

    /** The same as {@link #wake()}, but if no thread can be started, a slice runs on the calling one. */
    void wakeOrRun() {
        if (askFor(false) && !handOver() && askFor(false) && slice()) {
            handOver();
        }
    }

    /** Records a wake; returns whether the caller has to hand the work over. */
    private synchronized boolean askFor(boolean inPause) {
        if (closed || (!inPause && timed && hasFailed())) {
            return false;
        }
        woken = true;
        wokenInPause |= inPause;
        boolean first = !handedOver;
        handedOver = true;
        return first;
    }

    private boolean handOver() {
        try {
            worker.work(this::slice);
            unstarted.succeeded();
            return true;
        } catch (Throwable e) {
            synchronized (this) {
                handedOver = running; // some thread may run it nevertheless
            }
            unstarted.add(e);
            return false;
        }
    }

    /** Runs one slice, unless one is running; returns whether another has to follow. Throws nothing. */
    private boolean slice() {
        if (!begin()) {
            return false;
        }
        Next next = Next.NOTHING;
        Throwable failure = null;
        try {
            next = work.slice();
        } catch (Throwable e) {
            failure = e;
        }
        return end(next, failure);
    }

    private synchronized boolean begin() {
        if (running) {
            return false;
        }
        // Before the work: a wake from now on may be for something that the slice does not see.
        woken = false;
        wokenInPause = false;
        handedOver = !closed;
        running = !closed;
        return running;
    }

    private synchronized boolean end(Next next, @Nullable Throwable failure) {
        running = false;
        if (failure == null) {
            failures.succeeded();
            handedOver = !closed && (woken || next == Next.MORE);
        } else {
            failed(failure);
            handedOver = !closed && wokenInPause;
        }
        if (!handedOver && next == Next.LATER) {
            setTimer(PAUSE_NANOS);
        }
        return handedOver;
    }

    /** Records a failure of the same work on another thread. */
    synchronized void failed(Throwable failure) {
        setTimer(Math.min(MAX_PAUSE_NANOS, PAUSE_NANOS << Math.min(failures.inRow(), MAX_DOUBLINGS)));
        failures.add(failure);
    }

    private void setTimer(long nanos) {
        if (timed || closed) {
            return;
        }
        try {
            timed = worker.workLater(this::timeIsUp, nanos);
        } catch (Throwable e) {
            unstarted.add(e); // the next wake retries
        }
    }

    private boolean timeIsUp() {
        synchronized (this) {
            timed = false;
        }
        wake();
        return false;
    }

    /** Returns whether the last slice failed, or no thread could be started for it. Any thread, at no cost. */
    boolean isFailing() {
        return hasFailed() || unstarted.inRow() > 0;
    }

    /** Returns whether the last slice failed. Any thread, at no cost. */
    boolean hasFailed() {
        return failures.inRow() > 0;
    }

    /** Returns whether a slice runs, or a worker will run it. Any thread. */
    synchronized boolean isHandedOver() {
        return handedOver;
    }

    /** Prevents further slices; a running one continues. */
    synchronized void close() {
        closed = true;
    }
}
