/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.Move;
import io.vlogstreams.internal.cleanup.SpaceLedger;
import io.vlogstreams.internal.cleanup.StoreWriter;
import io.vlogstreams.internal.engine.StagedWrites.Version;
import io.vlogstreams.internal.index.CommitPoint;
import io.vlogstreams.internal.index.EntryCount;
import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.index.KeyOrder;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogTail;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to the index: the staged writes of a commit, or the locations of relocated records, each in one atomic write.
 * It holds the current commit point.
 *
 * <p>A commit looks up the old locations of the staged keys, in sorted batches, to count their bytes as obsolete. That
 * is cheaper than a lookup in every put, and a key that was overwritten several times is looked up once.
 *
 * <p>Thread-safe: one write to the index at a time. A commit holds the lock of the store's writer and takes this one
 * inside of it. A put that does not commit never takes this lock.
 */
final class Committer implements StoreWriter {

    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);

    /** Keys per lookup, to bound its memory. */
    private static final int LOOKUP_KEYS = 1024;

    private final Object writersLock;
    private final LocationIndex index;
    private final VLog vlog;
    private final SpaceLedger ledger;
    private final Staging staging;
    private final Damage damage;
    private final boolean syncs;

    private volatile boolean committing;
    private volatile CommitPoint commitPoint;

    /** Whether the content of the index survives a power failure; guarded by this. */
    private boolean durable;

    /** Whether a write ended in the middle, so that the state of the index is unknown here. */
    private volatile boolean astray;

    /** Whether the last write of the cleanup failed; guarded by this. */
    private boolean indexFails;

    Committer(
            Object writersLock,
            LocationIndex index,
            Recovery recovery,
            SpaceLedger ledger,
            Staging staging,
            Damage damage,
            SyncPolicy syncPolicy) {
        this.writersLock = writersLock;
        this.index = index;
        this.vlog = recovery.vlog();
        this.ledger = ledger;
        this.staging = staging;
        this.damage = damage;
        this.syncs = syncPolicy == SyncPolicy.COMMIT;
        this.commitPoint = recovery.commitPoint();
    }

    /** Returns the current commit point. */
    CommitPoint commitPoint() {
        return commitPoint;
    }

    /** Writes the staged writes and the commit point; if this throws an index error, the index is unchanged. */
    synchronized void apply(Map<String, Long> offsets, byte[] position, byte[] formats, boolean dirty, boolean written)
            throws IOException {
        committing = true;
        try {
            readAnewIfAstray();
            EntryCount before = commitPoint.entries();
            CommitPoint next = new CommitPoint(secured(), before, offsets, position, formats, dirty, written, false);
            write(next, (batch, change) -> {
                addLocations(staging.current(), batch, change);
                change.addDeadTo(batch);
            });
        } finally {
            committing = false;
        }
    }

    /** Marks the commit point as a clean close. */
    synchronized void end() throws IOException {
        readAnewIfAstray();
        secured();
        write(commitPoint.asCounted(), (batch, change) -> {});
    }

    /** Makes all writes to the index so far durable, whatever the policy. */
    synchronized void sync() throws IOException {
        if (!durable) {
            // Invariant 1, for the disk; the commit point keeps the tail of the last commit.
            vlog.sync();
            try (IndexBatch batch = index.newBatch()) {
                batch.commitPoint(commitPoint);
                index.write(batch, true);
            }
            durable = true;
        }
    }

    @Override
    public boolean isCommitting() {
        return committing;
    }

    @Override
    public boolean isStaged(long fileId) {
        return astray || staging.current().names(fileId);
    }

    @Override
    public void release(long fileId) throws IOException {
        VLogTail tail = commitPoint.tail();
        // Invariant 4: a store does not open without the files in which its commit point ends. If this one has the id
        // of a sealed file and does not end in it, no later one does: ids and the end of relocated records are of one
        // moment, and appended records are sealed while no commit runs.
        // Invariant 5: otherwise nothing would show that the id was used.
        if (tail.isActive(fileId) || fileId > tail.highestFileId()) {
            move(List.of(), fileId);
        }
    }

    @Override
    public void move(List<Move> moves) throws IOException {
        move(moves, 0); // no file has this id
    }

    private void move(List<Move> moves, long released) throws IOException {
        if (vlog.reserve().isNeededSoon()) {
            // Excludes puts, which would use the room that is made for the index.
            synchronized (writersLock) {
                moveNow(moves, released);
            }
        } else {
            moveNow(moves, released);
        }
    }

    private synchronized void moveNow(List<Move> moves, long released) throws IOException {
        readAnewIfAstray();
        // Invariant 9: without the records that a commit has replaced meanwhile. A put wins over a move.
        Move[] valid = ledger.stillLive(moves).toArray(new Move[0]);
        // Index operations cost less in key order.
        KeyOrder.sort(valid, Move::key);
        // Records appended since the last commit are not part of the new commit point, because nothing names them.
        VLogTail tail = commitPoint.tail().withRelocatedAsOf(securedRelocated(), released);
        writeWithReserve(commitPoint.withTail(tail), (batch, change) -> {
            for (Move move : valid) {
                batch.put(move.key(), move.to());
                change.replaced(move.from(), move.to());
            }
        });
    }

    @Override
    public void sealObsoleteShortLived() throws IOException {
        // Invariant 4: excludes puts, which could have appended a record to this file and not staged it yet.
        synchronized (writersLock) {
            long fileId = vlog.tail().shortLived().fileId();
            if (isObsolete(fileId, ledger)) {
                vlog.sealShortLived();
            }
        }
    }

    @Override
    public synchronized Snapshot snapshot() {
        SortedMap<Long, Long> liveBytes = ledger.snapshot();
        return new Snapshot(index.openView(), liveBytes); // last, because it holds something
    }

    @Override
    public synchronized void indexIsLost(IOException cause) {
        boolean restorable = damage.isRestorable(commitPoint.offsets());
        LOG.error(
                "The index of {} is damaged: {}. {}",
                vlog,
                cause.getMessage(),
                restorable
                        ? "The store is restored from its changelog when it is opened again"
                        : "Nothing says that the store has a changelog: bring its folder back from a copy, or delete it",
                cause);
        damage.indexIsLost(cause);
        if (restorable) {
            try {
                // Now, so that it is empty whatever comes first: the store is closed, or the process killed.
                index.clear(damage.emptied(commitPoint));
            } catch (IndexException e) {
                LOG.warn("The damaged index of {} could not be emptied", vlog, e);
            }
        }
    }

    /** Invariant 1: the operating system has the records before the index names them. */
    private VLogTail secured() throws IOException {
        return syncs ? vlog.sync() : vlog.drain();
    }

    /**
     * The same for relocated records alone, because a move adds no other names to the index. This works on a full disk.
     */
    private VLogTail securedRelocated() throws IOException {
        VLogTail tail = vlog.drainRelocated();
        if (syncs) {
            vlog.syncDrained();
        }
        return tail;
    }

    /** The content of a write to the index besides the commit point. */
    private interface Content {
        void addTo(IndexBatch batch, SpaceLedger.Change change) throws IOException;
    }

    /** Writes for the cleanup, which has to work on a full disk. */
    private void writeWithReserve(CommitPoint next, Content content) throws IOException {
        // In advance: after RocksDB has found no room, it takes no writes until it has more room than the reserve may
        // have. For the same reason it gets none as long as it fails.
        if (!indexFails) {
            vlog.reserve().makeRoom(0);
        }
        indexFails = true;
        write(next, content);
        indexFails = false;
    }

    private void write(CommitPoint next, Content content) throws IOException {
        damage.check();
        SpaceLedger.Change change = ledger.newChange();
        // Invariant 2: locations, live bytes, counts, offsets and position are one write.
        try (IndexBatch batch = index.newBatch()) {
            content.addTo(batch, change);
            change.addTo(batch);
            CommitPoint counted = next.plus(change.entries());
            batch.commitPoint(counted);
            writeWhole(batch, change, counted);
        }
    }

    /**
     * Writes the batch. If this throws anything but an {@link IndexException}, such as an error in the middle, it is
     * unknown whether the index has the batch.
     */
    private void writeWhole(IndexBatch batch, SpaceLedger.Change change, CommitPoint next) throws IndexException {
        astray = true;
        durable = false;
        try {
            index.write(batch, syncs);
            durable = syncs;
            change.applied();
            commitPoint = next;
            astray = false;
        } catch (IndexException e) {
            astray = false;
            throw e;
        } catch (Throwable e) {
            try {
                readAnewIfAstray();
            } catch (Throwable again) {
                e.addSuppressed(again); // the next write retries it
            }
            throw e;
        }
    }

    /**
     * If the last write went astray, reads the state of the index again. Watches end, so that no relocation continues
     * that may have missed dead records.
     */
    private void readAnewIfAstray() throws IndexException {
        if (!astray) {
            return;
        }
        ledger.readAnew(index.live());
        CommitPoint found = index.commitPoint();
        commitPoint = found == null ? commitPoint : found;
        astray = false;
    }

    private void addLocations(StagedWrites staged, IndexBatch batch, SpaceLedger.Change change) throws IOException {
        List<byte[]> keys = new ArrayList<>(LOOKUP_KEYS);
        List<Version> versions = new ArrayList<>(LOOKUP_KEYS);
        for (StagedEntry entry : staged.newest()) {
            keys.add(entry.key());
            versions.add(entry.newest());
            if (keys.size() == LOOKUP_KEYS) {
                addLocations(keys, versions, batch, change);
                keys.clear();
                versions.clear();
            }
        }
        addLocations(keys, versions, batch, change);
    }

    private void addLocations(List<byte[]> keys, List<Version> versions, IndexBatch batch, SpaceLedger.Change change)
            throws IOException {
        // Only records in the VLog have live bytes, so only their locations are looked up.
        List<@Nullable Separated> oldLocations = index.separated(keys);
        for (int i = 0; i < keys.size(); i++) {
            ValueLocation now = versions.get(i).location();
            change.replaced(oldLocations.get(i), now);
            if (now != null) {
                batch.put(keys.get(i), now);
            } else {
                batch.delete(keys.get(i)); // also without an old pointer: the index may hold an inline value
            }
        }
    }
}
