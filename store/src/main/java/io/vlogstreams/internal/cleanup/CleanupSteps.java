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
 * The work of a store's cleanup, in steps that are short: recounts live bytes when they are in doubt, retires files
 * that hold nothing live, and relocates the live records of the file that is best relocated next.
 *
 * <p>One thread at a time takes steps, and one deletes; what is asked may be asked on any thread.
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

    /** Whether the live bytes are to be doubted; nothing is relocated or deleted before they are recounted. */
    private volatile boolean recountDue;

    /** Whether the index is damaged; nothing is relocated or deleted any more. */
    private volatile boolean indexLost;

    private @Nullable Recount recount;
    private @Nullable Relocation relocation;

    /** Files whose live records could not all be copied, because they are damaged. */
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

    /** Does the next thing to be done; false if there is none. */
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
     * If it fails, nothing of it is held: the file that was being relocated is there as before, as long as its records
     * are not all somewhere else, and a recount begins again.
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
            // What is copied is not left like that while there is nothing to copy, or the pace has to be waited for.
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

    /** Lets the index name the copies that it does not name yet; false if there are none. */
    private boolean moveCopied() throws IOException {
        if (copies.isEmpty()) {
            return false;
        }
        Copies.Moved moved = copies.move();
        moved.moves().forEach(move -> tally.relocated(move.bytes()));
        moved.finishedFiles().forEach(this::checkNothingIsLeft);
        return true;
    }

    /** Every live record was copied, so no live byte is left, unless what the file says of its records is wrong. */
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

    /** The file to be relocated next, opened; null if there is no need, or nothing to be won. */
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

    /** The reserve has room for the copies of one file, and gets it back when that file is deleted. */
    private boolean isToDeleteFirst() {
        return vlog.reserve().isInUse() && obsolete.deletableBytes() > 0;
    }

    /** What staged writes may have appended without keeping the store from its bound. Any thread. */
    long stagedAllowance() {
        return bound.stagedAllowance(ledger.liveBytes(), vlog.targetFileBytes());
    }

    /** Whether there is something to relocate that has to wait because little was written lately. Any thread. */
    boolean isPaced() {
        return excess() > 0 && !pace.allows(vlog.appendedBytes());
    }

    /** Bytes above where relocation begins; what is retired is as good as gone. Any thread. */
    long excess() {
        return bound.excess(vlog.totalBytes() - obsolete.retiredBytes(), ledger.liveBytes(), vlog.targetFileBytes());
    }

    /** Retires what is obsolete now, after a recount if one is due. Between two steps. */
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

    /** Says in the log if an iterator that was not closed holds much. */
    private void lookForForgottenScans() {
        long much = bound.allowance(ledger.liveBytes(), vlog.targetFileBytes());
        boolean unused = forgotten.look(obsolete.pinnedBytes(), much);
    }

    /** When every copy has its location: a file of copies that have none yet looks obsolete. */
    private void retireObsoleteFiles() throws IOException {
        sealObsoleteActiveFiles();
        sealed.refresh();
        obsolete.retire(sealed);
        lookForForgottenScans();
    }

    /** Deletes retired files that nobody reads, which waits for the disk if there are any; returns how many. */
    int deleteRetiredFiles() throws IOException {
        // Invariant 6: never because of a recount that did not find what was counted.
        Collection<Long> deleted = recountDue || indexLost ? List.of() : obsolete.delete();
        deleted.forEach(tally::deleted);
        if (!deleted.isEmpty()) {
            vlog.reserve().keepAfterDeletion(vlog.targetFileBytes());
        }
        return deleted.size();
    }

    /** Tries the files again that the file system refused to delete. */
    void deleteRefusedFiles() throws IOException {
        if (!recountDue) {
            obsolete.deleteRefused().forEach(tally::deleted);
        }
    }

    /** Whether there are such files. Any thread. */
    boolean hasRefusedFiles() {
        return obsolete.refusedFiles() > 0;
    }

    /** The bytes of files that could be deleted now. Any thread. */
    long deletableBytes() {
        return recountDue || indexLost ? 0 : obsolete.deletableBytes();
    }

    /**
     * An active file other than that of what is appended would stay for ever after everything in it was overwritten.
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
        return end.fileId() != 0 && !store.isStaged(end.fileId()) && ledger.liveBytes(end.fileId()) == 0;
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
            // Counters and locations are written together. If they differ one of them is older than the other, and
            // a location that is missing, or an old one that is there again, would be a wrong answer.
            isLost(new IOException("store " + storeName + ": expected the live bytes that its index holds for each VLog"
                    + " file, found others by " + difference + " (file id = bytes) in its locations"));
        }
    }

    /** A crash can come between the deletion of a file and the next write to the index. */
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

    /** Whether the live bytes are in doubt. Any thread. */
    boolean isRecountDue() {
        return recountDue;
    }

    /** The space taken now. Any thread. */
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
     * Gives up what it is about, because a step has failed, or there will be none any more. What was moved stays moved.
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
