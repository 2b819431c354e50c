/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The sealed files of a VLog by their live bytes: the files without any, and the most worthwhile file to relocate. It
 * is updated incrementally, because there may be thousands of files.
 *
 * <p>For one thread at a time.
 */
final class SealedFiles {

    private final VLog vlog;
    private final SpaceLedger ledger;

    private final NavigableSet<Long> empty = new TreeSet<>();
    private final Map<Long, PartlyLive> partlyLive = new HashMap<>();

    /** Files to check next time: new files, changed files, and active ones until they are sealed. */
    private final Set<Long> due = new TreeSet<>();

    private long highestDue;

    /** A sealed file with live bytes. */
    record PartlyLive(long fileId, long bytes, long liveBytes) {

        /**
         * Returns the benefit of relocating the file: the space gained per byte copied, weighted by the obsolete part
         * and by the age. In a young file more records will soon die without being copied; the live records of an old
         * one stay.
         */
        private double worth(long highestFileId) {
            double live = (double) liveBytes / bytes;
            long age = highestFileId - fileId + 1;
            return (1 - live) * (1 - live) / live * age;
        }
    }

    SealedFiles(VLog vlog, SpaceLedger ledger) {
        this.vlog = vlog;
        this.ledger = ledger;
        // Ids may have gaps, so the existing files are listed, once.
        this.highestDue = vlog.tail().highestFileId();
        vlog.files().forEach(file -> due.add(file.fileId()));
    }

    /** Updates the files that have changed since the last time. */
    void refresh() {
        // First the highest id: files that are created later are found the next time.
        for (long highest = vlog.tail().highestFileId(); highestDue < highest; ) {
            due.add(++highestDue);
        }
        // Files that change after this are reported the next time, too.
        ledger.moveChanged(due);
        // One by one: if this fails half-way, the remaining files are still due.
        due.removeIf(fileId -> !look(fileId));
    }

    /** Updates a file; returns whether to check it again next time. */
    private boolean look(long fileId) {
        forget(fileId);
        VLogFileInfo file = vlog.file(fileId);
        if (file == null) {
            return false;
        }
        long liveBytes = ledger.liveBytes(fileId);
        if (file.active()) {
            return true;
        }
        if (liveBytes == 0) {
            empty.add(fileId);
        } else {
            partlyLive.put(fileId, new PartlyLive(fileId, file.bytes(), liveBytes));
        }
        return false;
    }

    private void forget(long fileId) {
        empty.remove(fileId);
        partlyLive.remove(fileId);
    }

    /** Returns the files without live bytes, ascending, as of now. */
    List<Long> empty() {
        return List.copyOf(empty);
    }

    /** Removes an empty file, which returns only if its live bytes change. */
    void done(long fileId) {
        empty.remove(fileId);
    }

    /**
     * Returns the most worthwhile file to relocate, of those with live bytes that pass the test; null if there is none.
     */
    @Nullable
    PartlyLive best(Predicate<PartlyLive> mayBeRelocated) {
        PartlyLive best = null;
        for (PartlyLive file : partlyLive.values()) {
            boolean better = best == null || file.worth(highestDue) > best.worth(highestDue);
            if (better && mayBeRelocated.test(file)) {
                best = file;
            }
        }
        return best;
    }
}
