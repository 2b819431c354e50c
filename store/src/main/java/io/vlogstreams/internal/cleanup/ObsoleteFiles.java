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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the VLog files without live bytes.
 *
 * <p>A file is retired when no location names it any more, and released when the last reader that could have seen a
 * location in it is done. It is deleted when the index and the copies of its live records are on the disk. A file that
 * the file system refuses to delete is set aside, so that it does not block the others.
 *
 * <p>One thread at a time retires, and one deletes. Queries are for any thread, and do not walk through all files.
 */
final class ObsoleteFiles {

    private final VLog vlog;
    private final LocationIndex index;
    private final SpaceLedger ledger;
    private final Pins pins;
    private final StoreWriter store;

    /** Files by the moment of {@link Pins} at which they were retired; guarded by this, like all fields below. */
    private final NavigableMap<Long, Retired> held = new TreeMap<>();

    /** Retired files that no reader holds, to be deleted, by id. */
    private final Map<Long, Retired> released = new TreeMap<>();

    /** Retired files that the file system refused to delete, by id. */
    private final Map<Long, Retired> refused = new TreeMap<>();

    private final Set<Long> retiredIds = new HashSet<>();
    private long heldBytes;
    private long releasedBytes;
    private long refusedBytes;

    /** The {@link Pins#changes} of the last check which files are held. */
    private long seenChanges;

    /** A file that no location names. */
    private record Retired(long fileId, long bytes) {}

    ObsoleteFiles(VLog vlog, LocationIndex index, SpaceLedger ledger, Pins pins, StoreWriter store) {
        this.vlog = vlog;
        this.index = index;
        this.ledger = ledger;
        this.pins = pins;
        this.store = store;
    }

    /** Retires the files that are obsolete by now. */
    void retire(SealedFiles files) throws IOException {
        for (long fileId : files.empty()) {
            if (store.isObsolete(fileId, ledger)) {
                store.release(fileId);
                VLogFileInfo file = vlog.file(fileId);
                if (file != null) {
                    retire(new Retired(fileId, file.bytes()));
                }
                files.done(fileId);
            }
        }
    }

    private synchronized void retire(Retired file) {
        if (retiredIds.add(file.fileId())) {
            held.put(pins.retire(), file);
            heldBytes += file.bytes();
        }
    }

    /**
     * Deletes the files that can be deleted now.
     *
     * @return the size of each deleted file
     */
    Collection<Long> delete() throws IOException {
        List<Retired> deletable = deletable(released);
        if (deletable.isEmpty()) {
            return List.of();
        }
        // Invariant 4: the copies, and the index that names them instead of these files, are on disk before the files
        // are deleted. Otherwise a power failure could bring back an index that names deleted files. Appended records
        // are synced too, because a durable index should only name durable records. Nothing is written for that,
        // because deleting has to work on a full disk.
        vlog.syncDrained();
        index.sync();
        List<Long> deletedBytes = new ArrayList<>();
        for (Retired file : deletable) {
            if (delete(file) == null) {
                deletedBytes.add(file.bytes());
            } else {
                setAside(file);
            }
        }
        return deletedBytes;
    }

    /**
     * Retries the refused files. Everything that their deletion needs is already on disk.
     *
     * @return the size of each deleted file
     * @throws IOException if a file is refused again
     */
    Collection<Long> deleteRefused() throws IOException {
        List<Long> deletedBytes = new ArrayList<>();
        IOException failure = null;
        for (Retired file : deletable(refused)) {
            IOException refusal = delete(file);
            if (refusal == null) {
                deletedBytes.add(file.bytes());
            } else if (failure == null) {
                failure = refusal;
            }
        }
        if (failure != null) {
            throw new IOException(
                    refusedFiles() + " VLog files cannot be deleted, the first: " + failure.getMessage(), failure);
        }
        return deletedBytes;
    }

    /** Deletes a file; returns the error if the file system refuses, or null. */
    private @Nullable IOException delete(Retired file) {
        try {
            vlog.delete(file.fileId());
        } catch (IOException e) {
            return e;
        }
        forget(file);
        ledger.forget(file.fileId());
        return null;
    }

    /** Returns those of the files that can be deleted. */
    private synchronized List<Retired> deletable(Map<Long, Retired> files) {
        sortOut();
        List<Retired> deletable = new ArrayList<>();
        for (Retired file : List.copyOf(files.values())) {
            if (ledger.liveBytes(file.fileId()) == 0) {
                deletable.add(file);
            } else {
                // Invariant 4: a recount found live bytes. The file is retired again when it has none.
                forget(file);
            }
        }
        return deletable;
    }

    /** Releases the files that no reader holds any more; a released file is never held again. */
    private void sortOut() {
        long changes = pins.changes();
        if (changes == seenChanges) {
            return;
        }
        Pins.Holds holds = pins.holds();
        held.entrySet().removeIf(retired -> {
            Retired file = retired.getValue();
            if (holds.hold(file.fileId(), retired.getKey())) {
                return false;
            }
            released.put(file.fileId(), file);
            releasedBytes += file.bytes();
            heldBytes -= file.bytes();
            return true;
        });
        seenChanges = changes;
    }

    private synchronized void setAside(Retired file) {
        released.remove(file.fileId());
        releasedBytes -= file.bytes();
        refused.put(file.fileId(), file);
        refusedBytes += file.bytes();
    }

    /** Removes a released or refused file, which was deleted or is no longer retired. */
    private synchronized void forget(Retired file) {
        retiredIds.remove(file.fileId());
        if (released.remove(file.fileId()) != null) {
            releasedBytes -= file.bytes();
        } else if (refused.remove(file.fileId()) != null) {
            refusedBytes -= file.bytes();
        }
    }

    /** Returns the bytes of the files that are retired and not deleted yet. */
    synchronized long retiredBytes() {
        return heldBytes + releasedBytes + refusedBytes;
    }

    /** Returns the bytes of the retired files that readers hold. */
    synchronized long pinnedBytes() {
        sortOut();
        return heldBytes;
    }

    /** Returns the bytes of the retired files that no reader holds, without refused files. */
    synchronized long deletableBytes() {
        sortOut();
        return releasedBytes;
    }

    /** Returns the number of files that the file system refused to delete. */
    synchronized int refusedFiles() {
        return refused.size();
    }

    /** Returns the number of readers that hold files. */
    int pins() {
        return pins.held();
    }
}
