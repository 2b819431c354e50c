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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Deletes the VLog files that hold no live byte.
 *
 * <p>A file is retired when no location names it any more, and deleted when that index is on disk, the copies of its live
 * records are, and the last reader that could have seen a location in it is gone. A file that cannot be deleted is tried
 * again at the next call.
 *
 * <p>One thread at a time retires, and one deletes; what it knows may be asked on any thread, and is answered without a
 * walk through the files.
 */
final class ObsoleteFiles {

    private final VLog vlog;
    private final LocationIndex index;
    private final SpaceLedger ledger;
    private final Pins pins;
    private final StoreWriter store;

    /** By the moment of the {@link Pins} at which they were retired; guarded by this. */
    private final NavigableMap<Long, Retired> retired = new TreeMap<>();

    private final Set<Long> retiredIds = new HashSet<>();
    private Total nowRetired = new Total(0, 0);
    private Total everRetired = nowRetired;

    /** What was copied out of files that are not retired yet; guarded by this. */
    private final Map<Long, Long> copied = new HashMap<>();

    /**
     * A file that no location names.
     *
     * @param copiedBytes what was copied out of it before
     * @param ever both for all files retired until then, this one included
     */
    private record Retired(long fileId, long bytes, long copiedBytes, Total ever) {}

    private record Total(long bytes, long copiedBytes) {

        Total plus(long moreBytes, long moreCopied) {
            return new Total(bytes + moreBytes, copiedBytes + moreCopied);
        }

        Total minus(Total other) {
            return plus(-other.bytes, -other.copiedBytes);
        }
    }

    ObsoleteFiles(VLog vlog, LocationIndex index, SpaceLedger ledger, Pins pins, StoreWriter store) {
        this.vlog = vlog;
        this.index = index;
        this.ledger = ledger;
        this.pins = pins;
        this.store = store;
    }

    /** Retires what is obsolete by now. */
    void retire(SealedFiles files) {
        for (long fileId : files.empty(store.settledUpTo())) {
            // Invariant 4: what a staged location may name stays. In this order: a commit makes live bytes of what
            // it settles, and whoever looks at the live bytes first may see neither.
            if (store.isSettled(fileId) && ledger.liveBytes(fileId) == 0) {
                files.done(fileId);
                VLogFileInfo file = vlog.file(fileId);
                if (file != null) {
                    retire(file);
                }
            }
        }
    }

    private synchronized void retire(VLogFileInfo file) {
        if (retiredIds.add(file.fileId())) {
            Long copies = copied.remove(file.fileId());
            long copiedBytes = copies == null ? 0 : copies;
            nowRetired = nowRetired.plus(file.bytes(), copiedBytes);
            everRetired = everRetired.plus(file.bytes(), copiedBytes);
            retired.put(pins.retire(), new Retired(file.fileId(), file.bytes(), copiedBytes, everRetired));
        }
    }

    /**
     * Deletes what may go now.
     *
     * @return the bytes of each file deleted
     */
    Collection<Long> delete() throws IOException {
        Map<Long, Retired> deletable = released();
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
        deletable.forEach((moment, file) -> {
            if (vlog.delete(file.fileId())) {
                forget(moment, file);
                ledger.forget(file.fileId());
                deletedBytes.add(file.bytes());
            }
        });
        return deletedBytes;
    }

    /** What nobody holds any more. */
    private synchronized Map<Long, Retired> released() {
        Map<Long, Retired> released = new TreeMap<>();
        new TreeMap<>(retired.headMap(pins.oldest(), false)).forEach((moment, file) -> {
            if (ledger.liveBytes(file.fileId()) == 0) {
                released.put(moment, file);
            } else {
                // Invariant 4: a recount found live bytes. The file is retired again when they are gone.
                forget(moment, file);
            }
        });
        return released;
    }

    private synchronized void forget(long moment, Retired file) {
        retired.remove(moment);
        retiredIds.remove(file.fileId());
        nowRetired = nowRetired.plus(-file.bytes(), -file.copiedBytes());
    }

    /** The bytes of files that are retired and not deleted yet. */
    synchronized long retiredBytes() {
        return nowRetired.bytes();
    }

    /** So much was copied out of the file, which is therefore to be retired. */
    synchronized void copied(long fileId, long bytes) {
        copied.merge(fileId, bytes, Long::sum);
    }

    /** Those of them that readers hold. */
    long pinnedBytes() {
        return pinned().bytes();
    }

    /** The bytes that are there twice because of readers: copied out of files that they hold. */
    long pinnedCopiedBytes() {
        return pinned().copiedBytes();
    }

    private synchronized Total pinned() {
        // What is held was retired after all that is not, and nothing of it has been deleted yet.
        Map.Entry<Long, Retired> lastReleased = retired.lowerEntry(pins.oldest());
        return lastReleased == null
                ? nowRetired
                : everRetired.minus(lastReleased.getValue().ever());
    }

    /** Those of them that nobody holds. */
    synchronized long deletableBytes() {
        return nowRetired.bytes() - pinnedBytes();
    }

    /** How many readers hold files. */
    int pins() {
        return pins.held();
    }
}
