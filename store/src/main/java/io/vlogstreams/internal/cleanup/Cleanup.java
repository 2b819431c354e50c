/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.CorruptRecordException;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the space of one store within its bound: relocates the live records of the file that yields most, and deletes files
 * that hold nothing live.
 *
 * <p>It works in steps, each short. Whoever thinks that there may be something to do calls {@link #wake()}; a
 * {@link CleanupWorker} then runs the steps. A writer that gets ahead of them calls {@link #help()} and does some itself,
 * which slows it down to what the bound allows.
 *
 * <p>Thread-safe. Lock order: the lock of the steps comes before that of the store's writer.
 */
public final class Cleanup implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

    /** A writer helps when the store is this part of its live bytes above where relocation begins. */
    private static final int HELP_DIVISOR = 20;

    /** What a writer does of the work at most before it goes on: about twice what it makes. */
    private static final int HELPING_STEPS = 4;

    private final String storeName;
    private final VLog vlog;
    private final LocationIndex index;
    private final SpaceLedger ledger;
    private final StoreWriter store;
    private final CleanupOptions options;
    private final ObsoleteFiles obsolete;
    private final SpaceBound bound;
    private final Pace pace;
    private final CleanupTally tally = new CleanupTally();

    /** Held for a step. Fair, so that a writer that helps waits for one step and not for a slice of them. */
    private final ReentrantLock stepping = new ReentrantLock(true);

    private final AtomicBoolean awake = new AtomicBoolean();
    private volatile boolean closed;

    /** Whether the live bytes are to be doubted; nothing is relocated or deleted before they are recounted. */
    private volatile boolean recountDue;

    private @Nullable Recount recount; // guarded by stepping
    private @Nullable Relocation relocation; // guarded by stepping

    /** Files whose live records could not all be copied, because they are damaged; guarded by stepping. */
    private final Set<Long> damaged = new HashSet<>();

    private boolean failing; // guarded by stepping

    public Cleanup(
            String storeName,
            VLog vlog,
            LocationIndex index,
            SpaceLedger ledger,
            Pins pins,
            StoreWriter store,
            CleanupOptions options,
            boolean recountDue) {
        this.storeName = storeName;
        this.vlog = vlog;
        this.index = index;
        this.ledger = ledger;
        this.store = store;
        this.options = options;
        this.recountDue = recountDue;
        this.obsolete = new ObsoleteFiles(vlog, index, ledger, pins, store);
        this.bound = new SpaceBound(options.maxSpaceAmplification());
        this.pace = new Pace(bound.copiedPerAppended(), options.nanoTime());
    }

    /** There may be something to do. Any thread; returns at once, unless the worker works on the caller's thread. */
    public void wake() {
        if (!closed && awake.compareAndSet(false, true)) {
            options.worker().work(this::slice);
        }
    }

    /**
     * Called by a writer now and then, without the store's lock: does nothing as long as the worker keeps up, and else takes
     * some steps in turn with it, for a slice at most.
     */
    public void help() {
        long start = options.nanoTime().getAsLong();
        for (int steps = 0; steps < HELPING_STEPS && isFarAhead(); steps++) {
            long left = options.sliceNanos() - (options.nanoTime().getAsLong() - start);
            try {
                if (left <= 0 || !stepping.tryLock(left, TimeUnit.NANOSECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            try {
                if (!stepOrFail()) {
                    return;
                }
            } finally {
                stepping.unlock();
            }
        }
    }

    private boolean isFarAhead() {
        return !recountDue && excess() > ledger.liveBytes() / HELP_DIVISOR + vlog.targetFileBytes();
    }

    /** One slice: steps until there is nothing to do or the time is over; true in the second case. */
    private boolean slice() {
        // Before looking: who wakes it from now on may have seen more than is seen here.
        awake.set(false);
        long start = options.nanoTime().getAsLong();
        long taken = 0;
        while (taken < options.sliceNanos()) {
            boolean more;
            stepping.lock();
            try {
                more = stepOrFail();
            } finally {
                stepping.unlock();
            }
            taken = options.nanoTime().getAsLong() - start;
            if (!more) {
                tally.slice(taken);
                return false;
            }
        }
        tally.slice(taken);
        return awake.compareAndSet(false, true);
    }

    /** A step; false if there was nothing to do, or it failed. */
    private boolean stepOrFail() {
        try {
            boolean more = !closed && step();
            failing &= more;
            return more;
        } catch (IOException | RuntimeException e) {
            failed(e);
            return false;
        }
    }

    /** Nothing is lost by it: the old file stays as long as its records are not all somewhere else. */
    private void failed(Exception e) {
        endRelocation();
        if (failing) {
            LOG.debug("Store {}: cleanup failed again", storeName, e);
        } else {
            LOG.warn("Store {}: cleanup failed; nothing is lost, and it is tried again later", storeName, e);
        }
        failing = true;
    }

    /** Does the next thing to be done; false if there is none. */
    private boolean step() throws IOException {
        recountDue |= ledger.isImplausible();
        if (recountDue) {
            recountStep();
            return true;
        }
        if (deleteObsoleteFiles() > 0) {
            return true;
        }
        Relocation current = relocation == null ? nextRelocation() : relocation;
        relocation = current;
        return current != null && pace.allows(vlog.appendedBytes()) && relocateSome(current);
    }

    private boolean relocateSome(Relocation current) throws IOException {
        long indexWrites = store.indexWrites();
        List<Move> moves;
        try {
            moves = current.copyNext();
        } catch (CorruptRecordException e) {
            endRelocation();
            isDamaged(current.fileId(), e);
            return true;
        }
        if (!moves.isEmpty()) {
            store.move(moves, indexWrites);
            long bytes = moves.stream()
                    .mapToLong(move -> move.to().pointer().recordBytes())
                    .sum();
            pace.copied(bytes);
            tally.relocated(moves.size(), bytes);
        }
        if (current.hasEnded()) {
            endRelocation();
            checkNothingIsLeft(current.fileId());
        }
        return true;
    }

    /** Every live record was copied, so no live byte is left, unless what the file says of its records is wrong. */
    private void checkNothingIsLeft(long fileId) {
        long left = ledger.liveBytes(fileId);
        if (left > 0) {
            isDamaged(
                    fileId,
                    new IOException("VLog file " + fileId
                            + ": expected no live bytes after all records were copied, found " + left));
        }
    }

    /** The file to be relocated next, opened; null if there is no need, or nothing to be won. */
    private @Nullable Relocation nextRelocation() throws IOException {
        if (excess() <= 0 || !pace.allows(vlog.appendedBytes()) || readersHoldTooMuch()) {
            return null;
        }
        Optional<VLogFileInfo> best = vlog.files().stream()
                .filter(this::isRelocatable)
                .min(Comparator.comparingDouble(file -> (double) ledger.liveBytes(file.fileId()) / file.bytes()));
        return best.isEmpty() ? null : new Relocation(index, vlog, best.get().fileId());
    }

    private boolean isRelocatable(VLogFileInfo file) {
        long liveBytes = ledger.liveBytes(file.fileId());
        return liveBytes > 0
                && !file.active()
                && bound.isWorthwhile(file.bytes(), liveBytes)
                && !damaged.contains(file.fileId())
                && store.isSettled(file.fileId());
    }

    /** What is relocated now would only come on top of what cannot be deleted. */
    private boolean readersHoldTooMuch() {
        return obsolete.pinnedBytes() > bound.allowance(ledger.liveBytes(), vlog.targetFileBytes());
    }

    /** Whether so many bytes that only staged writes name would keep the store from staying within its bound. */
    public boolean isTooMuchStaged(long bytes) {
        return bytes > bound.stagedAllowance(ledger.liveBytes(), vlog.targetFileBytes());
    }

    /** Bytes above where relocation begins; what is retired is as good as gone. */
    private long excess() {
        long total = vlog.files().stream().mapToLong(VLogFileInfo::bytes).sum();
        return bound.excess(total - obsolete.retiredBytes(), ledger.liveBytes(), vlog.targetFileBytes());
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
            while (recountDue && !closed) {
                recountStep();
            }
            return closed ? 0 : deleteObsoleteFiles();
        } finally {
            stepping.unlock();
        }
    }

    private int deleteObsoleteFiles() throws IOException {
        endObsoleteRelocationFile();
        obsolete.retire();
        Collection<Long> deleted = obsolete.delete();
        deleted.forEach(tally::deleted);
        return deleted.size();
    }

    /** The file of relocated records is active, and would stay for ever after everything in it was overwritten. */
    private void endObsoleteRelocationFile() throws IOException {
        long fileId = vlog.tail().relocationFileId();
        if (fileId != 0 && relocation == null && ledger.liveBytes(fileId) == 0) {
            vlog.sealRelocated();
            store.move(List.of(), store.indexWrites());
        }
    }

    private void recountStep() throws IOException {
        Recount counting = recount;
        if (counting == null) {
            StoreWriter.Snapshot now = store.snapshot();
            counting = new Recount(now.view(), now.liveBytes());
            recount = counting;
        }
        if (counting.step()) {
            return;
        }
        SortedMap<Long, Long> difference = counting.difference();
        endRecount();
        if (!difference.isEmpty()) {
            LOG.warn(
                    "Store {}: the live bytes of its VLog files were wrong and are corrected by {} (file id = bytes)",
                    storeName,
                    difference);
            store.correct(difference);
        }
        recountDue = false;
    }

    /** Asks for a recount, to be done by the next steps. Any thread. */
    public void recount() {
        recountDue = true;
        wake();
    }

    /** Whether nothing speaks against the live bytes that the ledger says. */
    public boolean trustsLiveBytes() {
        return !recountDue;
    }

    /** What was done, and what is held, until now. Any thread. */
    public CleanupStatistics statistics() {
        return tally.statistics(obsolete.retiredBytes(), obsolete.pinnedBytes());
    }

    private void isDamaged(long fileId, IOException damage) {
        damaged.add(fileId);
        LOG.error(
                "Store {}: a VLog file cannot be cleaned up, because it is damaged; its other records can be read, and it"
                        + " stays. Restore the store from its changelog by deleting its folder while the application is"
                        + " stopped",
                storeName,
                damage);
    }

    private void endRelocation() {
        if (relocation != null) {
            relocation.close();
            relocation = null;
        }
    }

    private void endRecount() {
        if (recount != null) {
            recount.close();
            recount = null;
        }
    }

    /** Waits for the step that is under way; there is none after it. Again does nothing. */
    @Override
    public void close() {
        closed = true;
        stepping.lock();
        try {
            endRelocation();
            endRecount();
        } finally {
            stepping.unlock();
        }
    }
}
