/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.vlog.VLog;

/**
 * Slows down a writer that gets ahead of the cleanup of its store. The writer waits for the worker, or takes steps
 * itself, for one slice at most. It never waits for a worker that does not work, or that fails.
 *
 * <p>Thread-safe.
 */
final class Backpressure {

    /** A writer helps if the store exceeds the start of relocation by this part of its live bytes, and one file. */
    private static final int HELP_DIVISOR = 20;

    /**
     * The writer continues when this part of the excess is left. So few writes wait, though long, and most do not wait.
     * Many short waits would take longer in total, because waking a thread on a busy machine takes a millisecond.
     */
    private static final double RESUMING_PART = 0.5;

    private final CleanupSteps steps;
    private final SpaceLedger ledger;
    private final VLog vlog;
    private final CleanupOptions options;

    /** Writers that wait until the worker has caught up. */
    private final WaitingWriters waitingForSteps = new WaitingWriters();

    /** Writers that wait until files are deleted. */
    private final WaitingWriters waitingForDisk = new WaitingWriters();

    /** Whether the worker takes steps, so that a writer can wait for it. */
    private volatile boolean working;

    /**
     * Whether writers wait for deletions, because the disk deletes files more slowly than the writer makes them
     * obsolete.
     */
    private volatile boolean heldUp;

    Backpressure(CleanupSteps steps, SpaceLedger ledger, VLog vlog, CleanupOptions options) {
        this.steps = steps;
        this.ledger = ledger;
        this.vlog = vlog;
        this.options = options;
    }

    /** Takes a step of the cleanup, waiting for its turn. */
    interface Stepping {
        /** Returns false if no step is due, it failed, or its turn did not come in time. */
        boolean stepWithin(long nanos);
    }

    /** Lets a writer wait or take steps if it is too far ahead. */
    void slowDown(Runner relocating, Stepping stepping, Runner deleting) {
        long start = options.nanoTime().getAsLong();
        if (isDeletingFarBehind()) {
            deleting.wakeOrRun(); // readers may have released files since the worker looked
        }
        waitingForDisk.await(() -> isDeletionToBeAwaited(deleting), () -> left(start));
        boolean more = isFarAhead(1);
        while (more && isFarAhead(RESUMING_PART) && !relocating.hasFailed() && !isDeletingFarBehind()) {
            more = working ? awaitWorker(start) : left(start) > 0 && stepping.stepWithin(left(start));
        }
        heldUp = isDeletionToBeAwaited(deleting);
    }

    /** Waits until the worker has caught up, or rests; returns false if the slice is over, or on an interrupt. */
    private boolean awaitWorker(long start) {
        return waitingForSteps.await(() -> working && isFarAhead(RESUMING_PART), () -> left(start));
    }

    private boolean isDeletionToBeAwaited(Runner deleting) {
        return isDeletingFarBehind() && deleting.isHandedOver() && !deleting.hasFailed();
    }

    /**
     * Returns whether the last {@link #slowDown} ended too early, so that the next write should call it too. Any
     * thread, at no cost.
     */
    boolean isHeldUp() {
        return heldUp;
    }

    /** Called when a slice of steps begins. */
    void workerBegins() {
        working = options.worker().worksOnItsOwn();
    }

    /** Called when the worker has taken a step. */
    void stepTaken() {
        if (!isFarAhead(RESUMING_PART)) {
            waitingForSteps.lookAgain();
        }
    }

    /** Called when a slice ends: until the next one, waiting writers take steps themselves. */
    void workerRests() {
        working = false;
        waitingForSteps.lookAgain();
    }

    /** Called when files were deleted, or could not be. */
    void deletionEnded() {
        waitingForDisk.lookAgain();
    }

    private long left(long start) {
        return options.sliceNanos() - (options.nanoTime().getAsLong() - start);
    }

    private boolean isFarAhead(double part) {
        return !steps.isRecountDue() && steps.excess() > part * allowance();
    }

    private long allowance() {
        return ledger.liveBytes() / HELP_DIVISOR + vlog.targetFileBytes();
    }

    /** Returns whether so many bytes wait for deletion that copying more would only take more room. */
    boolean isDeletingFarBehind() {
        return options.deleter().worksOnItsOwn() && steps.deletableBytes() > allowance();
    }
}
