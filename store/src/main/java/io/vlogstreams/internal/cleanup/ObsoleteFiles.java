/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Deletes the VLog files that hold no live byte.
 *
 * <p>A file is retired when the index no longer names it, and deleted when that index is on disk and the last reader that
 * could have seen a location in it is gone. A file that cannot be deleted is tried again at the next call.
 *
 * <p>Used by the one writer of a store.
 */
public final class ObsoleteFiles {

    private final VLog vlog;
    private final LocationIndex index;
    private final SpaceLedger ledger;
    private final Pins pins;

    /** Retired files and when they were. */
    private final Map<Long, Long> retired = new HashMap<>();

    public ObsoleteFiles(VLog vlog, LocationIndex index, SpaceLedger ledger, Pins pins) {
        this.vlog = vlog;
        this.index = index;
        this.ledger = ledger;
        this.pins = pins;
    }

    /** Files of an earlier life of the store that no location ever named, nor ever will. */
    public void retire(Collection<Long> leftovers) {
        leftovers.forEach(fileId -> retired.computeIfAbsent(fileId, id -> pins.retire()));
    }

    /**
     * Deletes what may go now.
     *
     * @param indexedUpTo the file that was active when the index was last written: every location that is not in the
     *     index yet names that file or a later one
     * @return how many files were deleted
     */
    public int delete(long indexedUpTo) throws IOException {
        for (VLogFileInfo file : vlog.files()) {
            // Invariant 4: a file at or above `indexedUpTo` may be named by a staged location, so it stays.
            if (!file.active() && file.fileId() < indexedUpTo && ledger.liveBytes(file.fileId()) == 0) {
                retired.computeIfAbsent(file.fileId(), id -> pins.retire());
            }
        }
        List<Long> deletable = retired.entrySet().stream()
                .filter(file -> pins.releasedBefore(file.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (deletable.isEmpty()) {
            return 0;
        }
        // Invariant 4: the index that no longer names the files is durable before they go; without this, a power
        // failure
        // could bring back an index that does.
        index.sync();
        int deleted = 0;
        for (long fileId : deletable) {
            if (vlog.delete(fileId)) {
                retired.remove(fileId);
                deleted++;
            }
        }
        return deleted;
    }
}
