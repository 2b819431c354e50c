/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.IndexDamagedException;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.CorruptRecordException;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of a store's cleanup, in short steps: recounts live bytes if they are in doubt, retires files without live
 * records, and relocates the live records of the most worthwhile file.
 *
 * <p>One thread at a time takes steps, and one deletes; queries are for any thread.
 */
final class CleanupSteps {

    private static final Logger LOG = LoggerFactory.getLogger(CleanupSteps.class);

    private final String storeName;
    private final VLog vlog;
    private final LocationIndex index;
    private final SpaceLedger ledger;
    private final StoreWriter store;
    private final SealedFiles sealed;
    private final ObsoleteFiles obsolete;
    private final SpaceBound bound;
    private final Pace pace;
    private final CleanupTally tally;
    private final Copies copies;
    private final ForgottenScans forgotten;
    private final int formatTag;

    /** Whether the live bytes are in doubt; nothing is relocated or deleted before they are recounted. */
    private volatile boolean recountDue;

    /** Whether the index is damaged; then nothing is relocated or deleted any more. */
    private volatile boolean indexLost;

    private @Nullable Recount recount;
    private @Nullable Relocation relocation;

    /** Files with damaged records, whose live records could not all be copied. */
    private final Set<Long> damaged = new HashSet<>();

    CleanupSteps(
            String storeName,
            VLog vlog,
            LocationIndex index,
            SpaceLedger ledger,
            Pins pins,
            StoreWriter store,
            CleanupOptions options,
            CleanupTally tally,
            int formatTag,
            boolean recountDue) {
        this.storeName = storeName;
        this.vlog = vlog;
        this.index = index;
        this.ledger = ledger;
        this.store = store;
        this.tally = tally;
        this.copies = new Copies(store, ledger);
        this.forgotten = new ForgottenScans(storeName, pins, options.nanoTime());
        this.formatTag = formatTag;
        this.recountDue = recountDue;
        this.sealed = new SealedFiles(vlog, ledger);
        this.obsolete = new ObsoleteFiles(vlog, index, ledger, pins, store);
        this.bound = new SpaceBound(options.maxSpaceAmplification());
        this.pace = new Pace(bound.copiedPerAppended(), options.nanoTime());
    }

    /** Takes the next step that is due; returns false if there is none. */
    boolean step() throws IOException {
        try {
            return !indexLost && orGiveUp(this::nextStep);
        } catch (IndexDamagedException e) {
            isLost(e);
            return false;
        }
    }

    private interface Step {
        boolean take() throws IOException;
    }

    /**
     * Takes a step. If it fails, it releases what it holds: the file that was being relocated stays until all of its
     * records are elsewhere, and a recount begins again.
     */
    private boolean orGiveUp(Step step) throws IOException {
        boolean done = false;
        try {
            boolean more = step.take();
            done = true;
            return more;
        } finally {
            if (!done) {
                end();
            }
        }
    }

    private boolean nextStep() throws IOException {
        recountDue |= ledger.isImplausible();
        if (recountDue) {
            recountStep();
            return true;
        }
        if (copies.isEmpty()) {
            retireObsoleteFiles();
        }
        Relocation current = relocation == null ? nextRelocation() : relocation;
        relocation = current;
        if (current == null || !pace.allows(vlog.appendedBytes())) {
            // Copies do not stay unmoved while there is nothing to copy, or the pace does not allow it.
            return moveCopied();
        }
        relocateSome(current);
        return true;
    }

    private void relocateSome(Relocation current) throws IOException {
        copies.checkIndexTakesMoves();
        try {
            pace.copied(copies.add(current.copyNext()));
        } catch (CorruptRecordException e) {
            isDamaged(current.fileId(), current.lastKeys(), e);
            finishRelocation();
        }
        if (current.hasEnded()) {
            finishRelocation();
        }
        if (copies.isMoveDue()) {
            moveCopied();
        }
    }

    /** Makes the index refer to the copies; returns false if there are none. */
    private boolean moveCopied() throws IOException {
        if (copies.isEmpty()) {
            return false;
        }
        Copies.Moved moved = copies.move();
        moved.moves().forEach(move -> tally.relocated(move.bytes()));
        moved.finishedFiles().forEach(this::checkNothingIsLeft);
        return true;
    }

    /** Checks that a relocated file has no live bytes left; otherwise its records are damaged. */
    private void checkNothingIsLeft(long fileId) {
        long left = ledger.liveBytes(fileId);
        if (left > 0 && !damaged.contains(fileId)) {
            isDamaged(
                    fileId,
                    "keys that it does not show",
                    new IOException("VLog file " + fileId
                            + ": expected no live bytes after all records were copied, found " + left));
        }
    }

    /** Begins the next relocation; returns null if none is needed, or no file is worthwhile. */
    private @Nullable Relocation nextRelocation() throws IOException {
        if (excess() <= copies.finishedBytes() || !pace.allows(vlog.appendedBytes()) || isToDeleteFirst()) {
            return null;
        }
        SealedFiles.PartlyLive best = sealed.best(file -> bound.isWorthwhile(file.bytes(), file.liveBytes())
                && !damaged.contains(file.fileId())
                && !copies.isFinished(file.fileId())
                && !store.isStaged(file.fileId()));
        if (best == null) {
            return null;
        }
        vlog.reserve().keep(vlog.targetFileBytes());
        copies.begin(best.fileId());
        return new Relocation(index, vlog, best.fileId(), formatTag);
    }

    /** Returns whether to delete first: a used reserve gets its room back when a file is deleted. */
    private boolean isToDeleteFirst() {
        return vlog.reserve().isInUse() && obsolete.deletableBytes() > 0;
    }

    /** Returns how many bytes staged writes may have appended before they endanger the bound. Any thread. */
    long stagedAllowance() {
        return bound.stagedAllowance(ledger.liveBytes(), vlog.targetFileBytes());
    }

    /** Returns whether a relocation is due that the pace does not allow yet. Any thread. */
    boolean isPaced() {
        return excess() > 0 && !pace.allows(vlog.appendedBytes());
    }

    /** Returns the bytes above the start of relocation, without retired files. Any thread. */
    long excess() {
        return bound.excess(vlog.totalBytes() - obsolete.retiredBytes(), ledger.liveBytes(), vlog.targetFileBytes());
    }

    /** Retires all obsolete files now, after a recount if one is due. Called between two steps. */
    void retireObsoleteFilesNow() throws IOException {
        orGiveUp(() -> {
            while (recountDue && !indexLost) {
                recountStep();
            }
            if (!indexLost) {
                moveCopied();
                retireObsoleteFiles();
            }
            return false;
        });
    }

    /** Logs a warning if an iterator that was not closed pins many bytes. */
    private void lookForForgottenScans() {
        long much = bound.allowance(ledger.liveBytes(), vlog.targetFileBytes());
        boolean unused = forgotten.look(obsolete.pinnedBytes(), much);
    }

    /** Retires obsolete files. Called only if no copies are pending, because their file would look obsolete. */
    private void retireObsoleteFiles() throws IOException {
        sealObsoleteActiveFiles();
        sealed.refresh();
        obsolete.retire(sealed);
        lookForForgottenScans();
    }

    /** Deletes retired files that no reader pins, which waits for the disk; returns their number. */
    int deleteRetiredFiles() throws IOException {
        // Invariant 6: nothing is deleted if a recount is due, or differed from the counters.
        Collection<Long> deleted = recountDue || indexLost ? List.of() : obsolete.delete();
        deleted.forEach(tally::deleted);
        if (!deleted.isEmpty()) {
            vlog.reserve().keepAfterDeletion(vlog.targetFileBytes());
        }
        return deleted.size();
    }

    /** Retries the files that the file system refused to delete. */
    void deleteRefusedFiles() throws IOException {
        if (!recountDue) {
            obsolete.deleteRefused().forEach(tally::deleted);
        }
    }

    /** Returns whether there are such files. Any thread. */
    boolean hasRefusedFiles() {
        return obsolete.refusedFiles() > 0;
    }

    /** Returns the bytes of the files that can be deleted now. Any thread. */
    long deletableBytes() {
        return recountDue || indexLost ? 0 : obsolete.deletableBytes();
    }

    /**
     * Seals obsolete active files. The file of short-lived or relocated records would otherwise stay for ever after all
     * of its records were overwritten.
     */
    private void sealObsoleteActiveFiles() throws IOException {
        VLogTail tail = vlog.tail();
        if (relocation == null && isObsolete(tail.relocated())) {
            vlog.sealRelocated();
        }
        if (isObsolete(tail.shortLived()) && !store.isCommitting()) {
            store.sealObsoleteShortLived();
        }
    }

    private boolean isObsolete(VLogTail.End end) {
        return end.fileId() != 0 && store.isObsolete(end.fileId(), ledger);
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
        if (difference.isEmpty()) {
            forgetDeadOfFilesThatAreGone();
            recountDue = false;
        } else {
            // Counters and locations are written together. If they differ, one of them is older than the other, and a
            // missing location, or an old one that is back, would be a wrong answer.
            isLost(new IOException("store " + storeName + ": expected the live bytes that its index holds for each VLog"
                    + " file, found others by " + difference + " (file id = bytes) in its locations"));
        }
    }

    /** Removes the lists of deleted files, which a crash after the deletion can leave in the index. */
    private void forgetDeadOfFilesThatAreGone() throws IOException {
        for (long fileId : index.filesWithDead()) {
            if (vlog.file(fileId) == null) {
                ledger.forget(fileId);
            }
        }
    }

    private void isLost(IOException damage) {
        indexLost = true;
        store.indexIsLost(damage);
    }

    /** Returns whether the live bytes are in doubt. Any thread. */
    boolean isRecountDue() {
        return recountDue;
    }

    /** Returns the space statistics. Any thread. */
    SpaceStatistics space() {
        return new SpaceStatistics(
                vlog.fileCount(),
                vlog.totalBytes() + vlog.spareBytes() + vlog.reserve().bytes(),
                ledger.liveBytes(),
                obsolete.pinnedBytes(),
                obsolete.pins());
    }

    private void isDamaged(long fileId, String keys, IOException damage) {
        damaged.add(fileId);
        LOG.error(
                "Store {}: a VLog file cannot be cleaned up, because it is damaged at {}: {}; its other records can be read,"
                        + " and it stays. The store is restored when the damaged value is read, or if its folder is deleted"
                        + " while the application is stopped",
                storeName,
                keys,
                damage.getMessage(),
                damage);
    }

    private void finishRelocation() {
        Relocation current = relocation;
        if (current != null) {
            endRelocation();
            copies.finish(current.fileId(), current.fileBytes());
        }
    }

    /**
     * Gives up pending copies, the relocation and the recount, after a failed step or the last one. Completed moves
     * stay.
     */
    void end() {
        try {
            copies.giveUp();
            endRelocation();
        } finally {
            endRecount();
        }
    }

    private void endRelocation() {
        Relocation ending = relocation;
        relocation = null;
        if (ending != null) {
            ending.close();
        }
    }

    private void endRecount() {
        Recount ending = recount;
        recount = null;
        if (ending != null) {
            ending.close();
        }
    }
}
