/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.VLog;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the space of one store within its bound, by {@link CleanupSteps}, each short: says who takes them and when.
 *
 * <p>Whoever thinks that there may be something to do calls {@link #wake()}; a
 * {@link CleanupWorker} then runs the steps. A writer that gets ahead of them calls {@link #help()}, and waits or takes
 * steps itself, which slows it down to what the bound allows.
 *
 * <p>Thread-safe. Lock order: the lock of the steps, that of deleting, and last that of the store's writer.
 */
public final class Cleanup implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

    /** A writer helps when the store is this part of its live bytes above where relocation begins. */
    private static final int HELP_DIVISOR = 20;

    /**
     * It goes on when this part of that is left. So it has to wait seldom, if long, and most writes wait for nothing: to
     * wait often and shortly takes longer, because on a busy machine a thread is not woken in less than a millisecond.
     */
    private static final double RESUMING_PART = 0.5;

    private final String storeName;
    private final SpaceLedger ledger;
    private final VLog vlog;
    private final CleanupOptions options;
    private final CleanupTally tally = new CleanupTally();
    private final CleanupSteps steps;

    /** Held for a step. Fair, so that a writer that helps waits for one step and not for a slice of them. */
    private final ReentrantLock stepping = new ReentrantLock(true);

    /** Those that wait until the worker has caught up. */
    private final WaitingWriters waitingForSteps = new WaitingWriters();

    /** Whether the worker takes steps, so that a writer need only wait. */
    private volatile boolean working;

    /** Held while files are deleted, which waits for the disk. */
    private final ReentrantLock deleting = new ReentrantLock();

    /** Those that wait until files are deleted. */
    private final WaitingWriters waitingForDisk = new WaitingWriters();

    /** Whether a writer waits for deletions before it goes on: files that could go wait for a disk that is slower than it. */
    private volatile boolean heldUp;

    /** Whether there may be something to do that no slice has looked for. */
    private final AtomicBoolean woken = new AtomicBoolean();

    /** Whether a slice runs or is about to: two at once would only wait for each other after every step. */
    private final AtomicBoolean slicing = new AtomicBoolean();

    private final AtomicBoolean goingOnLater = new AtomicBoolean();
    private final AtomicBoolean deletingSoon = new AtomicBoolean();
    private final AtomicBoolean reservingSoon = new AtomicBoolean();
    private volatile boolean closed;

    private volatile boolean failing;

    public Cleanup(
            String storeName,
            VLog vlog,
            LocationIndex index,
            SpaceLedger ledger,
            Pins pins,
            StoreWriter store,
            CleanupOptions options,
            int formatTag,
            boolean recountDue) {
        this.storeName = storeName;
        this.ledger = ledger;
        this.vlog = vlog;
        this.options = options;
        this.steps =
                new CleanupSteps(storeName, vlog, index, ledger, pins, store, options, tally, formatTag, recountDue);
    }

    /** There may be something to do. Any thread; returns at once, unless the worker works on the caller's thread. */
    public void wake() {
        if (!closed && woken.compareAndSet(false, true) && slicing.compareAndSet(false, true)) {
            options.worker().work(this::slice);
        }
    }

    /**
     * Called by a writer now and then, without the store's lock: does nothing as long as the worker keeps up, and else waits
     * for it, or takes steps if it does not work, for a slice at most.
     */
    public void help() {
        long start = options.nanoTime().getAsLong();
        waitingForDisk.await(this::isDeletionToBeAwaited, () -> left(start));
        boolean more = isFarAhead(1);
        while (more && isFarAhead(RESUMING_PART) && !isDeletingFarBehind()) {
            more = working ? awaitWorker(start) : stepInTurn(start);
        }
        heldUp = isDeletingFarBehind();
    }

    /** Takes a step, unless the worker begins to work; false if there is none, or the slice is over. */
    private boolean stepInTurn(long start) {
        long left = left(start);
        try {
            if (left <= 0 || !stepping.tryLock(left, TimeUnit.NANOSECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            return working || stepOrFail();
        } finally {
            stepping.unlock();
        }
    }

    /** Waits until the worker has caught up, or does something else; false if the slice is over, or interrupted. */
    private boolean awaitWorker(long start) {
        return waitingForSteps.await(() -> working && isFarAhead(RESUMING_PART), () -> left(start));
    }

    /** Whether the last {@link #help()} ended too early: the next write should call it, too. Any thread, at no cost. */
    public boolean isHeldUp() {
        return heldUp;
    }

    private boolean isDeletionToBeAwaited() {
        if (!isDeletingFarBehind()) {
            return false;
        }
        deleteSoon(); // readers may have let go of files since the worker looked
        return true;
    }

    private long left(long start) {
        return options.sliceNanos() - (options.nanoTime().getAsLong() - start);
    }

    private boolean isFarAhead(double part) {
        return !steps.isRecountDue() && steps.excess() > part * helpAllowance();
    }

    private long helpAllowance() {
        return ledger.liveBytes() / HELP_DIVISOR + vlog.targetFileBytes();
    }

    private boolean isDeletingFarBehind() {
        return !closed && !failing && options.deleter().worksOnItsOwn() && steps.deletableBytes() > helpAllowance();
    }

    /** One slice; true if another is to follow. */
    private boolean slice() {
        boolean more = false;
        try {
            more = takeSteps();
        } finally {
            slicing.set(more);
        }
        return more || (woken.get() && slicing.compareAndSet(false, true));
    }

    /** Takes steps until there is nothing to do or the time is over; true in the second case. */
    private boolean takeSteps() {
        // Before looking: who wakes it from now on may have seen more than is seen here.
        woken.set(false);
        long start = options.nanoTime().getAsLong();
        boolean more = true;
        long taken = 0;
        boolean worked = false;
        deleteSoon();
        while (more && taken < options.sliceNanos() && !isDeletingFarBehind()) {
            stepping.lock();
            try {
                working = options.worker().worksOnItsOwn();
                more = stepOrFail();
            } finally {
                stepping.unlock();
            }
            if (!isFarAhead(RESUMING_PART)) {
                waitingForSteps.lookAgain();
            }
            deleteSoon();
            reserveSoon();
            taken = options.nanoTime().getAsLong() - start;
            worked |= more;
        }
        rest();
        if (worked) {
            // Mostly it is woken for nothing, and counting that would hide how long the work takes.
            tally.slice(taken);
        }
        if (!more) {
            goOnLaterIfPaced();
        }
        return more && !isDeletingFarBehind();
    }

    /** Until the next slice: who waits for it works itself. */
    private void rest() {
        stepping.lock();
        try {
            working = false;
        } finally {
            stepping.unlock();
        }
        waitingForSteps.lookAgain();
    }

    /** When nothing is written nobody wakes it, and it would stop short of the bound. */
    private void goOnLaterIfPaced() {
        if (!closed && steps.isPaced() && goingOnLater.compareAndSet(false, true)) {
            options.worker().workLater(() -> {
                goingOnLater.set(false);
                wake();
                return false;
            });
        }
    }

    /** Deleting waits for the disk, and the steps go on meanwhile. */
    private void deleteSoon() {
        if (!closed && steps.deletableBytes() > 0 && deletingSoon.compareAndSet(false, true)) {
            options.deleter().work(this::deletions);
        }
    }

    /** Deletes what may go now; true if there is more by then. */
    private boolean deletions() {
        long start = options.nanoTime().getAsLong();
        boolean deleted = deleteOrFail();
        if (deleted) {
            tally.slice(options.nanoTime().getAsLong() - start);
            reserveSoon(); // before others take the room
            wake(); // there may be room again for a copy that failed, or that would have come on top
        }
        deletingSoon.set(false);
        return deleted && steps.deletableBytes() > 0 && deletingSoon.compareAndSet(false, true);
    }

    /** The reserve is written by who deletes, so neither the steps nor a put wait for it. */
    private void reserveSoon() {
        if (!closed && vlog.reserve().isDue() && reservingSoon.compareAndSet(false, true)) {
            options.deleter().work(this::reserve);
        }
    }

    /** Writes the reserve for a slice at most; true if it is not whole by then. */
    private boolean reserve() {
        long start = options.nanoTime().getAsLong();
        boolean more = true;
        while (more && left(start) > 0) {
            deleting.lock();
            try {
                more = !closed && vlog.reserve().grow();
            } finally {
                deleting.unlock();
            }
        }
        reservingSoon.set(more);
        return more;
    }

    /** Whether files were deleted. */
    private boolean deleteOrFail() {
        try {
            return deleteRetiredFiles() > 0;
        } catch (IOException | RuntimeException e) {
            report(e);
            return false;
        }
    }

    /** A step; false if there was nothing to do, or it failed. */
    private boolean stepOrFail() {
        try {
            boolean more = !closed && steps.step();
            if (!more && failing) {
                failing = false;
            }
            return more;
        } catch (IOException | RuntimeException e) {
            failed(e);
            return false;
        }
    }

    /** Nothing is lost by it: the old file stays as long as its records are not all somewhere else. */
    private void failed(Exception e) {
        steps.endRelocation();
        report(e);
    }

    private void report(Exception e) {
        if (failing) {
            LOG.debug("Store {}: cleanup failed again", storeName, e);
        } else {
            LOG.warn("Store {}: cleanup failed; nothing is lost, and it is tried again later", storeName, e);
        }
        failing = true;
    }

    /** Whether so many bytes that only staged writes name would keep the store from staying within its bound. */
    public boolean isTooMuchStaged(long bytes) {
        return bytes > steps.stagedAllowance();
    }

    /**
     * Deletes the files that hold nothing live and that nobody reads, now and on this thread. If the live bytes are in
     * doubt, they are recounted first.
     *
     * @return how many files were deleted
     */
    public int deleteObsoleteFilesNow() throws IOException {
        stepping.lock();
        try {
            if (!closed) {
                steps.recountAll();
                steps.retireObsoleteFilesNow();
            }
        } finally {
            stepping.unlock();
        }
        return deleteRetiredFiles();
    }

    private int deleteRetiredFiles() throws IOException {
        deleting.lock();
        try {
            return closed ? 0 : steps.deleteRetiredFiles();
        } finally {
            deleting.unlock();
            waitingForDisk.lookAgain();
        }
    }

    /** Whether nothing speaks against the live bytes that the ledger says. */
    public boolean trustsLiveBytes() {
        return !steps.isRecountDue();
    }

    /** What was done until now. Any thread. */
    public CleanupStatistics statistics() {
        return tally.statistics();
    }

    /** The space taken now. Any thread. */
    public SpaceStatistics space() {
        return steps.space();
    }

    /** Waits for the step that is under way; there is none after it. Again does nothing. */
    @Override
    public void close() {
        closed = true;
        stepping.lock();
        deleting.lock();
        try {
            steps.end();
        } finally {
            deleting.unlock();
            stepping.unlock();
        }
    }
}
