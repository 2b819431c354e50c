/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.VLog;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Keeps the space of one store within its bound, by {@link CleanupSteps}, each short: says who takes them and when.
 *
 * <p>Whoever thinks that there may be something to do calls {@link #wake()}; {@link Runner}s then take the steps,
 * delete files and write the reserve, each on its worker. A writer that gets ahead of them calls {@link #help()}, and
 * is slowed down to what the bound allows by {@link Backpressure}.
 *
 * <p>Thread-safe. Lock order: the lock of the steps, that of deleting, and last that of the store's writer.
 */
public final class Cleanup implements AutoCloseable {

    private final VLog vlog;
    private final CleanupOptions options;
    private final CleanupTally tally = new CleanupTally();
    private final CleanupSteps steps;
    private final Backpressure backpressure;

    private final Runner relocating;
    private final Runner deleting;
    private final Runner deletingRefused;
    private final Runner reserving;

    /** Held for a step. Fair, so that a writer that helps waits for one step and not for a slice of them. */
    private final ReentrantLock stepLock = new ReentrantLock(true);

    /** Held while files are deleted, which waits for the disk. */
    private final ReentrantLock deletionLock = new ReentrantLock();

    private volatile boolean closed;

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
        this.vlog = vlog;
        this.options = options;
        this.steps =
                new CleanupSteps(storeName, vlog, index, ledger, pins, store, options, tally, formatTag, recountDue);
        this.backpressure = new Backpressure(steps, ledger, vlog, options);
        this.relocating = runner(storeName, options.worker(), "taking steps", this::takeSteps);
        this.deleting = runner(storeName, options.deleter(), "deleting files", this::deleteFiles);
        this.deletingRefused = runner(
                storeName,
                options.deleter(),
                "deleting files that the file system refused to delete",
                this::deleteRefusedFiles);
        this.reserving = runner(storeName, options.deleter(), "writing the reserve", this::writeReserve);
    }

    private Runner runner(String storeName, CleanupWorker worker, String doing, Runner.Work work) {
        return new Runner(
                worker,
                work,
                new Failures(storeName, doing, tally, options.nanoTime()),
                new Failures(storeName, "starting a thread for " + doing, tally, options.nanoTime()));
    }

    /** There may be something to do. Any thread; returns at once, unless the worker works on the caller's thread. */
    public void wake() {
        relocating.wake();
    }

    /**
     * Called by a writer now and then, without the store's lock: does nothing as long as the worker keeps up, and else
     * waits for it, or takes steps if it does not work, for a slice at most.
     */
    public void help() {
        backpressure.slowDown(relocating, this::stepWithin, deleting);
    }

    /** Whether the last {@link #help()} ended too early: the next write should call it, too. Any thread, at no cost. */
    public boolean isHeldUp() {
        return backpressure.isHeldUp();
    }

    /** A step on a writer's thread. It failing is not the writer's failure. */
    private boolean stepWithin(long nanos) {
        try {
            if (!stepLock.tryLock(nanos, TimeUnit.NANOSECONDS)) {
                return false;
            }
            try {
                return !closed && steps.step();
            } finally {
                stepLock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            relocating.failed(e);
        }
        return false;
    }

    private boolean step() throws IOException {
        stepLock.lock();
        try {
            return !closed && steps.step();
        } finally {
            stepLock.unlock();
        }
    }

    /** Takes steps until there is nothing to do, the time is over, or too much waits to be deleted. */
    private Runner.Next takeSteps() throws IOException {
        long start = options.nanoTime().getAsLong();
        long taken = 0;
        boolean more = true;
        boolean worked = false;
        backpressure.workerBegins();
        try {
            deleteSoon();
            while (more && taken < options.sliceNanos() && !backpressure.isDeletingFarBehind()) {
                more = step();
                backpressure.stepTaken();
                deleteSoon();
                reserveSoon();
                taken = options.nanoTime().getAsLong() - start;
                worked |= more;
            }
        } finally {
            backpressure.workerRests();
        }
        if (worked) {
            // Mostly it is woken for nothing, and counting that would hide how long the work takes.
            tally.slice(taken);
        }
        if (more) {
            // A deletion wakes it when there is less to delete.
            return backpressure.isDeletingFarBehind() ? Runner.Next.NOTHING : Runner.Next.MORE;
        }
        // When nothing is written nobody wakes it, and it would stop short of the bound.
        return !closed && steps.isPaced() ? Runner.Next.LATER : Runner.Next.NOTHING;
    }

    /** Deleting waits for the disk, and the steps go on meanwhile. */
    private void deleteSoon() {
        if (!closed && steps.deletableBytes() > 0) {
            deleting.wakeOrRun();
        }
        if (!closed && steps.hasRefusedFiles()) {
            deletingRefused.wake();
        }
    }

    /** Deletes what may go now. */
    private Runner.Next deleteFiles() throws IOException {
        long start = options.nanoTime().getAsLong();
        int deleted = deleteRetiredFiles();
        if (steps.hasRefusedFiles()) {
            deletingRefused.wake();
        }
        if (deleted == 0) {
            return Runner.Next.NOTHING;
        }
        tally.slice(options.nanoTime().getAsLong() - start);
        reserveSoon(); // before others take the room
        relocating.wakeInPause(); // there may be room again for a copy that failed, or that would have come on top
        return steps.deletableBytes() > 0 ? Runner.Next.MORE : Runner.Next.NOTHING;
    }

    /** Has a runner of its own, because the pauses between its tries must not keep other files from being deleted. */
    private Runner.Next deleteRefusedFiles() throws IOException {
        deletionLock.lock();
        try {
            if (!closed) {
                steps.deleteRefusedFiles();
            }
        } finally {
            deletionLock.unlock();
        }
        return Runner.Next.NOTHING;
    }

    /** The reserve is written where files are deleted, so neither the steps nor a put wait for it. */
    private void reserveSoon() {
        if (!closed && vlog.reserve().isDue()) {
            reserving.wake();
        }
    }

    /** Writes the reserve for a slice at most. */
    private Runner.Next writeReserve() {
        long start = options.nanoTime().getAsLong();
        boolean more = true;
        while (more && options.nanoTime().getAsLong() - start < options.sliceNanos()) {
            deletionLock.lock();
            try {
                more = !closed && vlog.reserve().grow();
            } finally {
                deletionLock.unlock();
            }
        }
        return more ? Runner.Next.MORE : Runner.Next.NOTHING;
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
        stepLock.lock();
        try {
            if (!closed) {
                steps.retireObsoleteFilesNow();
            }
        } finally {
            stepLock.unlock();
        }
        return deleteRetiredFiles();
    }

    private int deleteRetiredFiles() throws IOException {
        deletionLock.lock();
        try {
            return closed ? 0 : steps.deleteRetiredFiles();
        } finally {
            deletionLock.unlock();
            backpressure.deletionEnded();
        }
    }

    /** Whether nothing speaks against the live bytes that the ledger says. */
    public boolean trustsLiveBytes() {
        return !steps.isRecountDue();
    }

    /** What was done until now. Any thread. */
    public CleanupStatistics statistics() {
        return tally.statistics(runners().anyMatch(Runner::isFailing));
    }

    private Stream<Runner> runners() {
        return Stream.of(relocating, deleting, deletingRefused, reserving);
    }

    /** The space taken now. Any thread. */
    public SpaceStatistics space() {
        return steps.space();
    }

    /** Waits for the step that is under way; there is none after it. Idempotent. */
    @Override
    public void close() {
        closed = true;
        runners().forEach(Runner::close);
        stepLock.lock();
        deletionLock.lock();
        try {
            steps.end();
        } finally {
            deletionLock.unlock();
            stepLock.unlock();
        }
    }
}
