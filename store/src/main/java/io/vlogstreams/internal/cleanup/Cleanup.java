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

    /** Held for a step. */
    private final ReentrantLock stepping = new ReentrantLock();

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
     * Called by a writer now and then, without the store's lock: does nothing as long as the worker keeps up, and else works
     * for a slice at most.
     */
    public void help() {
        if (recountDue || excess() <= ledger.liveBytes() / HELP_DIVISOR + vlog.targetFileBytes()) {
            return;
        }
        try {
            if (stepping.tryLock(options.sliceNanos(), TimeUnit.NANOSECONDS)) {
                try {
                    steps();
                } finally {
                    stepping.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One slice; true if there is more to do. */
    private boolean slice() {
        // Before looking: who wakes it from now on may have seen more than is seen here.
        awake.set(false);
        stepping.lock();
        try {
            return steps() && awake.compareAndSet(false, true);
        } finally {
            stepping.unlock();
        }
    }

    /** Steps until there is nothing to do or the slice is over; true in the second case. */
    private boolean steps() {
        long start = options.nanoTime().getAsLong();
        try {
            while (!closed && step()) {
                if (options.nanoTime().getAsLong() - start >= options.sliceNanos()) {
                    return true;
                }
            }
            failing = false;
        } catch (IOException | RuntimeException e) {
            failed(e);
        } finally {
            tally.slice(options.nanoTime().getAsLong() - start);
        }
        return false;
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
