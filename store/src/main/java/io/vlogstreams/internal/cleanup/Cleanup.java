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
 * Keeps the space of one store within its bound. It schedules the {@link CleanupSteps}, which do the work.
 *
 * <p>{@link #wake()} announces that there may be work. {@link Runner}s then take the steps, delete files and write the
 * reserve, each on its worker. A writer calls {@link #help()}, with which {@link Backpressure} slows it down if it gets
 * ahead.
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

    /** Held for a step. Fair, so that a helping writer waits for one step and not for a slice. */
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

    /** Announces work. Any thread; returns immediately, unless the worker works on the caller's thread. */
    public void wake() {
        relocating.wake();
    }

    /**
     * Called by a writer from time to time, without the store's lock. Does nothing as long as the worker keeps up.
     * Otherwise waits for the worker, or takes steps if it does not work, for one slice at most.
     */
    public void help() {
        backpressure.slowDown(relocating, this::stepWithin, deleting);
    }

    /** Returns whether the last {@link #help()} ended too early, so that the next write should call it. Any thread. */
    public boolean isHeldUp() {
        return backpressure.isHeldUp();
    }

    /** Takes a step on a writer's thread. If it fails, the writer does not fail. */
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

    /** Takes steps until no step is due, the time is over, or too many bytes wait for deletion. */
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
            // Most wake-ups find no work, and counting them would hide how long the work takes.
            tally.slice(taken);
        }
        if (more) {
            // A deletion wakes the steps when there is less to delete.
            return backpressure.isDeletingFarBehind() ? Runner.Next.NOTHING : Runner.Next.MORE;
        }
        // Without writes there are no wake-ups, and the cleanup would stop above the bound.
        return !closed && steps.isPaced() ? Runner.Next.LATER : Runner.Next.NOTHING;
    }

    /** Wakes the deletions. They wait for the disk, and the steps continue meanwhile. */
    private void deleteSoon() {
        if (!closed && steps.deletableBytes() > 0) {
            deleting.wakeOrRun();
        }
        if (!closed && steps.hasRefusedFiles()) {
            deletingRefused.wake();
        }
    }

    /** Deletes the files that can be deleted now. */
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
        reserveSoon(); // before other writers take the room
        relocating.wakeInPause(); // there may be room again for a copy that failed or had to wait
        return steps.deletableBytes() > 0 ? Runner.Next.MORE : Runner.Next.NOTHING;
    }

    /** Deletes refused files. It has its own runner, because its pauses must not delay the deletion of other files. */
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

    /** Wakes the writing of the reserve, which the deleter does, so that neither steps nor puts wait for it. */
    private void reserveSoon() {
        if (!closed && vlog.reserve().isDue()) {
            reserving.wake();
        }
    }

    /** Writes the reserve for one slice at most. */
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

    /** Returns whether so many bytes of staged writes would push the store above its bound. */
    public boolean isTooMuchStaged(long bytes) {
        return bytes > steps.stagedAllowance();
    }

    /**
     * Deletes the obsolete files that no reader pins, now and on this thread. If the live bytes are in doubt, they are
     * recounted first.
     *
     * @return the number of deleted files
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

    /** Returns whether the live bytes of the ledger are trusted. */
    public boolean trustsLiveBytes() {
        return !steps.isRecountDue();
    }

    /** Returns the statistics of the cleanup. Any thread. */
    public CleanupStatistics statistics() {
        return tally.statistics(runners().anyMatch(Runner::isFailing));
    }

    private Stream<Runner> runners() {
        return Stream.of(relocating, deleting, deletingRefused, reserving);
    }

    /** Returns the space statistics. Any thread. */
    public SpaceStatistics space() {
        return steps.space();
    }

    /** Stops the cleanup after the step and the deletion under way. Idempotent. */
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
