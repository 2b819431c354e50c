/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs one kind of work of a store's cleanup, on a {@link CleanupWorker}, a slice at a time: when it is woken, and once
 * more if it is woken meanwhile. There is never more than one slice at a time.
 *
 * <p>Whatever a slice throws is reported and tried again by itself after a pause that doubles with each failure. If no
 * thread can be started, that is reported, and the next wake tries again. Nothing that is thrown leaves this class in a
 * state in which later wakes are lost.
 *
 * <p>Thread-safe. Its monitor is held for a few instructions, and never during work.
 */
final class Runner {

    /** The pause after the first failure in a row, and before work that waits for its pace. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int MAX_DOUBLINGS = 7;

    /** What is to follow a slice. */
    enum Next {
        NOTHING,
        /** Another slice. */
        MORE,
        /** Another slice after a short while, or when it is woken. */
        LATER
    }

    /** The work. */
    interface Work {
        /** Works for a while. */
        Next slice() throws IOException;
    }

    private final CleanupWorker worker;
    private final Work work;

    /** Failures of the work, and of handing it over. */
    private final Failures failures;

    private final Failures unstarted;

    /** Whether a slice runs or a worker has it to run; guarded by this, as all that follows. */
    private boolean handedOver;

    private boolean running;

    /**
     * Whether it was woken since the last slice began, and whether even a failure of that slice is no reason to pause.
     */
    private boolean woken;

    private boolean wokenInPause;

    /** Whether a worker will call {@link #timeIsUp}. */
    private boolean timed;

    private boolean closed;

    Runner(CleanupWorker worker, Work work, Failures failures, Failures unstarted) {
        this.worker = worker;
        this.work = work;
        this.failures = failures;
        this.unstarted = unstarted;
    }

    /**
     * There may be something to do. Any thread; returns at once, unless the worker works on the caller's thread. In the
     * pause after a failure it does nothing, because the work is tried again after it.
     */
    void wake() {
        if (askFor(false)) {
            handOver();
        }
    }

    /** The same, also in the pause after a failure: whatever failed may succeed now. */
    void wakeInPause() {
        if (askFor(true)) {
            handOver();
        }
    }

    /** The same as {@link #wake()}, but if no thread can be started, a slice is run on this one. */
    void wakeOrRun() {
        if (askFor(false) && !handOver() && askFor(false) && slice()) {
            handOver();
        }
    }

    /** Whether somebody has to hand it over. */
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
                handedOver = running; // some thread may have taken it all the same
            }
            unstarted.add(e);
            return false;
        }
    }

    /** One slice, unless one is running; true if another is to follow. Throws nothing. */
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
        // Before looking: a wake from now on may come from somebody who has seen more than the slice will.
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

    /** Somebody else did some of the work, and failed. */
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
            unstarted.add(e); // the next wake tries again
        }
    }

    private boolean timeIsUp() {
        synchronized (this) {
            timed = false;
        }
        wake();
        return false;
    }

    /** Whether the last slice failed, or no thread could be started for it. Any thread, at no cost. */
    boolean isFailing() {
        return hasFailed() || unstarted.inRow() > 0;
    }

    /** Whether the last slice failed. Any thread, at no cost. */
    boolean hasFailed() {
        return failures.inRow() > 0;
    }

    /** Whether a slice runs, or a worker has it to run. Any thread. */
    synchronized boolean isHandedOver() {
        return handedOver;
    }

    /** No slice begins from now on; one that runs goes on. */
    synchronized void close() {
        closed = true;
    }
}
