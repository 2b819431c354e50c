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
 * The sealed files of a VLog by how much of them is live: which hold nothing live, and which is best relocated next.
 * Kept up to date with what has changed, because there may be thousands.
 *
 * <p>One thread at a time.
 */
final class SealedFiles {

    private final VLog vlog;
    private final SpaceLedger ledger;

    private final NavigableSet<Long> empty = new TreeSet<>();
    private final Map<Long, PartlyLive> partlyLive = new HashMap<>();

    /** To be looked at next time: new files, and the active ones until they are sealed. */
    private final Set<Long> due = new TreeSet<>();

    private long highestDue;

    /** A sealed file that holds live bytes, and how many. */
    record PartlyLive(long fileId, long bytes, long liveBytes) {

        /**
         * What relocating the file brings: the room it gives for each byte copied, weighed by the obsolete part and by
         * its age. In a young file more will be overwritten soon without being copied; what is live in an old one
         * stays.
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
        // Ids may have gaps, so the files that are there are asked for, once.
        this.highestDue = vlog.tail().highestFileId();
        vlog.files().forEach(file -> due.add(file.fileId()));
    }

    /** Takes over what has changed since the last time. */
    void refresh() {
        // First the id: what is created later is found the next time.
        for (long highest = vlog.tail().highestFileId(); highestDue < highest; ) {
            due.add(++highestDue);
        }
        // What changes after this is told the next time, too.
        ledger.moveChanged(due);
        // One by one: if this fails half-way, the others are still due.
        due.removeIf(fileId -> !look(fileId));
    }

    /** Whether it is to be looked at next time, too. */
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

    /** The files without a live byte, ascending; no live view. */
    List<Long> empty() {
        return List.copyOf(empty);
    }

    /** An empty file is taken care of; it comes back only if its live bytes change. */
    void done(long fileId) {
        empty.remove(fileId);
    }

    /**
     * Of the files with live bytes that may be relocated, the one that is best relocated next; null if there is none.
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
