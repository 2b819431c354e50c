/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Deletes the VLog files that hold no live byte.
 *
 * <p>A file is retired when no location names it any more, and deleted when that index is on disk, the copies of its live
 * records are, and the last reader that could have seen a location in it is gone. A file that cannot be deleted is tried
 * again at the next call.
 *
 * <p>One thread at a time; what it knows may be asked on any thread.
 */
final class ObsoleteFiles {

    private final VLog vlog;
    private final LocationIndex index;
    private final SpaceLedger ledger;
    private final Pins pins;
    private final StoreWriter store;

    private final Map<Long, Retired> retired = new ConcurrentHashMap<>();

    /** A file that no location names, since that moment of the {@link Pins}. */
    private record Retired(long at, long bytes) {}

    ObsoleteFiles(VLog vlog, LocationIndex index, SpaceLedger ledger, Pins pins, StoreWriter store) {
        this.vlog = vlog;
        this.index = index;
        this.ledger = ledger;
        this.pins = pins;
        this.store = store;
    }

    /** Retires what is obsolete by now. */
    void retire() {
        for (VLogFileInfo file : vlog.files()) {
            long fileId = file.fileId();
            // Invariant 4: what a staged location may name stays.
            if (!file.active()
                    && ledger.liveBytes(fileId) == 0
                    && !retired.containsKey(fileId)
                    && store.isSettled(fileId)) {
                retired.put(fileId, new Retired(pins.retire(), file.bytes()));
            }
        }
    }

    /**
     * Deletes what may go now.
     *
     * @return the bytes of each file deleted
     */
    Collection<Long> delete() throws IOException {
        List<Long> deletable = retired.entrySet().stream()
                .filter(file -> pins.releasedBefore(file.getValue().at()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (deletable.isEmpty()) {
            return List.of();
        }
        // Invariant 4: the copies, and the index that names them and not these files, are on disk before the files go.
        // Without this a power failure could bring back an index that names what is gone. What was appended is synced
        // too, for an index that is on disk should name nothing that is not; but nothing is written for that, because
        // deleting has to work on a full disk.
        vlog.syncDrained();
        index.sync();
        List<Long> deletedBytes = new ArrayList<>();
        for (long fileId : deletable) {
            Retired file = vlog.delete(fileId) ? retired.remove(fileId) : null;
            if (file != null) {
                deletedBytes.add(file.bytes());
            }
        }
        return deletedBytes;
    }

    /** The bytes of files that are retired and not deleted yet. */
    long retiredBytes() {
        return retired.values().stream().mapToLong(Retired::bytes).sum();
    }

    /** Those of them that readers hold. */
    long pinnedBytes() {
        return retired.values().stream()
                .filter(file -> !pins.releasedBefore(file.at()))
                .mapToLong(Retired::bytes)
                .sum();
    }
    /** How many readers hold files. */
    int pins() {
        return pins.held();
    }
}
