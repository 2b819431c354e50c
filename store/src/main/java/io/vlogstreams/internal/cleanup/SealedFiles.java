/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The sealed files of a VLog by how much of them is live: which hold nothing live, and which yield most. Kept up to date
 * with what has changed, because a walk through all files for each of them would take for ever when there are thousands.
 *
 * <p>One thread at a time.
 */
final class SealedFiles {

    private final VLog vlog;
    private final SpaceLedger ledger;

    private final NavigableSet<Long> empty = new TreeSet<>();
    private final NavigableSet<PartlyLive> byYield =
            new TreeSet<>(Comparator.comparingDouble(PartlyLive::livePart).thenComparingLong(PartlyLive::fileId));
    private final Map<Long, PartlyLive> partlyLive = new HashMap<>();

    /** To be looked at next time: new files, and the active ones until they are sealed. */
    private final Set<Long> due = new TreeSet<>();

    private long highestDue;

    /** A sealed file that holds live bytes, and how many. */
    record PartlyLive(long fileId, long bytes, long liveBytes) {

        private double livePart() {
            return (double) liveBytes / bytes;
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
        due.addAll(ledger.takeChanged());
        List<Long> looked = List.copyOf(due);
        due.clear();
        looked.forEach(this::look);
    }

    private void look(long fileId) {
        forget(fileId);
        VLogFileInfo file = vlog.file(fileId);
        if (file == null) {
            return;
        }
        long liveBytes = ledger.liveBytes(fileId);
        if (file.active()) {
            due.add(fileId);
        } else if (liveBytes == 0) {
            empty.add(fileId);
        } else {
            PartlyLive entry = new PartlyLive(fileId, file.bytes(), liveBytes);
            partlyLive.put(fileId, entry);
            byYield.add(entry);
        }
    }

    private void forget(long fileId) {
        empty.remove(fileId);
        PartlyLive entry = partlyLive.remove(fileId);
        if (entry != null) {
            byYield.remove(entry);
        }
    }

    /** The files without a live byte, up to this id; no live view. */
    List<Long> empty(long highestFileId) {
        return List.copyOf(empty.headSet(highestFileId, true));
    }

    /** An empty file is taken care of; it comes back only if its live bytes change. */
    void done(long fileId) {
        empty.remove(fileId);
    }

    /** The files with live bytes, beginning with the one of which the smallest part is live. */
    Iterable<PartlyLive> byYield() {
        return byYield;
    }
}
