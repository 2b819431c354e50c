/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.vlog.VLog;

/**
 * Slows down a writer that gets ahead of the cleanup of its store: the writer waits for the worker, or takes steps
 * itself, for a slice at most. A writer never waits for a worker that does not work, or that fails.
 *
 * <p>Thread-safe.
 */
final class Backpressure {

    /** A writer helps when the store is this part of its live bytes above where relocation begins. */
    private static final int HELP_DIVISOR = 20;

    /**
     * It goes on when this part of that is left, so that few writes wait, if long, and most wait for nothing. Many
     * short waits take longer in all, because on a busy machine a thread is not woken in less than a millisecond.
     */
    private static final double RESUMING_PART = 0.5;

    private final CleanupSteps steps;
    private final SpaceLedger ledger;
    private final VLog vlog;
    private final CleanupOptions options;

    /** Writers that wait until the worker has caught up, and those that wait until files are deleted. */
    private final WaitingWriters waitingForSteps = new WaitingWriters();

    private final WaitingWriters waitingForDisk = new WaitingWriters();

    /** Whether the worker takes steps, so that a writer need only wait. */
    private volatile boolean working;

    /**
     * Whether a writer waits for deletions before it goes on: files that could go wait for a disk that is slower than
     * it.
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
        /** False if there is none to take, it failed, or its turn did not come in time. */
        boolean stepWithin(long nanos);
    }

    /** Has a writer wait or take steps, if it is too far ahead. */
    void slowDown(Runner relocating, Stepping stepping, Runner deleting) {
        long start = options.nanoTime().getAsLong();
        if (isDeletingFarBehind()) {
            deleting.wakeOrRun(); // readers may have let go of files since the worker looked
        }
        waitingForDisk.await(() -> isDeletionToBeAwaited(deleting), () -> left(start));
        boolean more = isFarAhead(1);
        while (more && isFarAhead(RESUMING_PART) && !relocating.hasFailed() && !isDeletingFarBehind()) {
            more = working ? awaitWorker(start) : left(start) > 0 && stepping.stepWithin(left(start));
        }
        heldUp = isDeletionToBeAwaited(deleting);
    }

    /** Waits until the worker has caught up, or does something else; false if the slice is over, or interrupted. */
    private boolean awaitWorker(long start) {
        return waitingForSteps.await(() -> working && isFarAhead(RESUMING_PART), () -> left(start));
    }

    private boolean isDeletionToBeAwaited(Runner deleting) {
        return isDeletingFarBehind() && deleting.isHandedOver() && !deleting.hasFailed();
    }

    /**
     * Whether the last {@link #slowDown} ended too early: the next write should call it, too. Any thread, at no cost.
     */
    boolean isHeldUp() {
        return heldUp;
    }

    /** A slice of steps begins. */
    void workerBegins() {
        working = options.worker().worksOnItsOwn();
    }

    /** The worker took a step. */
    void stepTaken() {
        if (!isFarAhead(RESUMING_PART)) {
            waitingForSteps.lookAgain();
        }
    }

    /** Until the next slice: writers that wait for it work themselves. */
    void workerRests() {
        working = false;
        waitingForSteps.lookAgain();
    }

    /** Files were deleted, or could not be. */
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

    /** Whether so much waits to be deleted that copying more would only take more room. */
    boolean isDeletingFarBehind() {
        return options.deleter().worksOnItsOwn() && steps.deletableBytes() > allowance();
    }
}
