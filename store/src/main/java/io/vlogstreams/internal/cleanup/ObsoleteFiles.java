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
 * Deletes the VLog files that hold no live byte.
 *
 * <p>A file is retired when no location names it any more, and released when the last reader that could have seen a
 * location in it is gone. It is deleted when the index and the copies of its live records are on disk. A file that the
 * file system refuses to delete is set aside, so that it does not keep the others waiting.
 *
 * <p>One thread at a time retires, and one deletes; what it knows may be asked on any thread, and is answered without a
 * walk through the files that are in use.
 */
final class ObsoleteFiles {

    private final VLog vlog;
    private final LocationIndex index;
    private final SpaceLedger ledger;
    private final Pins pins;
    private final StoreWriter store;

    /** By the moment of the {@link Pins} at which they were retired; guarded by this, as all that follows. */
    private final NavigableMap<Long, Retired> held = new TreeMap<>();

    /** Held by nobody, by id: to be deleted, and refused. */
    private final Map<Long, Retired> released = new TreeMap<>();

    private final Map<Long, Retired> refused = new TreeMap<>();

    private final Set<Long> retiredIds = new HashSet<>();
    private long heldBytes;
    private long releasedBytes;
    private long refusedBytes;

    /** The {@link Pins#changes} as of which it was found out what is held. */
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

    /** Retires what is obsolete by now. */
    void retire(SealedFiles files) throws IOException {
        for (long fileId : files.empty()) {
            // Invariant 4, in this order: a commit makes live bytes of staged records before it forgets them, and
            // whoever looks at the live bytes first may see neither.
            if (!store.isStaged(fileId) && ledger.liveBytes(fileId) == 0) {
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
     * Deletes what may go now.
     *
     * @return the bytes of each file deleted
     */
    Collection<Long> delete() throws IOException {
        List<Retired> deletable = deletable(released);
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
     * Tries the files again that were refused. All that their deletion needs is on disk since then.
     *
     * @return the bytes of each file deleted
     * @throws IOException if one is refused again
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

    /** Null if the file is gone, else why it is not. */
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

    /** Those of them that may go. */
    private synchronized List<Retired> deletable(Map<Long, Retired> files) {
        sortOut();
        List<Retired> deletable = new ArrayList<>();
        for (Retired file : List.copyOf(files.values())) {
            if (ledger.liveBytes(file.fileId()) == 0) {
                deletable.add(file);
            } else {
                // Invariant 4: a recount found live bytes. The file is retired again when they are gone.
                forget(file);
            }
        }
        return deletable;
    }

    /** Finds out what is held no more; what is not held once never is again. */
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

    /** A file that is released or refused is gone, or is retired no more. */
    private synchronized void forget(Retired file) {
        retiredIds.remove(file.fileId());
        if (released.remove(file.fileId()) != null) {
            releasedBytes -= file.bytes();
        } else if (refused.remove(file.fileId()) != null) {
            refusedBytes -= file.bytes();
        }
    }

    /** The bytes of files that are retired and not deleted yet. */
    synchronized long retiredBytes() {
        return heldBytes + releasedBytes + refusedBytes;
    }

    /** Those of them that readers hold. */
    synchronized long pinnedBytes() {
        sortOut();
        return heldBytes;
    }

    /** Those of them that nobody holds, without those that were refused. */
    synchronized long deletableBytes() {
        sortOut();
        return releasedBytes;
    }

    /** How many files the file system refused to delete. */
    synchronized int refusedFiles() {
        return refused.size();
    }

    /** How many readers hold files. */
    int pins() {
        return pins.held();
    }
}
