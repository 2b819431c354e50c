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
 * Writes to the index: moves staged writes into it, and locations of relocated records, with one atomic write each, and
 * knows the commit point that the index is at.
 *
 * <p>The old locations of the staged keys are looked up here, in sorted batches, to count their bytes as obsolete: that
 * is cheaper than a lookup in every put, and a key that was overwritten since the last commit is looked up once.
 *
 * <p>Thread-safe: one write to the index at a time. Who stages writes holds the lock of the store's writer meanwhile,
 * and takes this one behind it; a put that does not commit waits for nothing here.
 */
final class Committer implements StoreWriter {

    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);

    /** Keys per lookup: bounds the memory of a lookup whatever is staged. */
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

    /** Whether what the index holds survives a power failure; guarded by this. */
    private boolean durable;

    /** Whether a write ended in the middle, so that the index may hold what nobody here knows of. */
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

    /** The commit point that the index is at. */
    CommitPoint commitPoint() {
        return commitPoint;
    }

    /** Writes what is staged and the commit point; if it throws, the index is as it was. */
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

    /** Writes that the store ends here as it should. */
    synchronized void end() throws IOException {
        readAnewIfAstray();
        secured();
        write(commitPoint.asCounted(), (batch, change) -> {});
    }

    /** Makes durable what was written to the index so far, whatever the policy. */
    synchronized void sync() throws IOException {
        if (!durable) {
            // Invariant 1, here for the disk; the tail of the commit point stays that of the last commit.
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
        // Invariant 5: nothing else would tell that the id was used.
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
            // Puts have to wait: they would take the room that is made for the index.
            synchronized (writersLock) {
                moveNow(moves, released);
            }
        } else {
            moveNow(moves, released);
        }
    }

    private synchronized void moveNow(List<Move> moves, long released) throws IOException {
        readAnewIfAstray();
        // Invariant 9: without those that a commit has overtaken. A put in between wins.
        Move[] valid = ledger.stillLive(moves).toArray(new Move[0]);
        // Reads and writes of the index cost less in the order of its keys.
        KeyOrder.sort(valid, Move::key);
        // What was appended since the last commit is no part of the new commit point: nothing names it.
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
        // Invariant 4: without puts, for one could have appended to this file what it has not staged yet.
        synchronized (writersLock) {
            long fileId = vlog.tail().shortLived().fileId();
            if (!isStaged(fileId) && ledger.liveBytes(fileId) == 0) {
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

    /** Invariant 1: the records are where the file system has them before the index names them. */
    private VLogTail secured() throws IOException {
        return syncs ? vlog.sync() : vlog.drain();
    }

    /**
     * The same for what was relocated, which is all that a move adds to what the index names: it works on a full disk.
     */
    private VLogTail securedRelocated() throws IOException {
        VLogTail tail = vlog.drainRelocated();
        if (syncs) {
            vlog.syncDrained();
        }
        return tail;
    }

    /** What a write to the index consists of besides the commit point. */
    private interface Content {
        void addTo(IndexBatch batch, SpaceLedger.Change change) throws IOException;
    }

    /** For the cleanup, which has to work on a full disk. */
    private void writeWithReserve(CommitPoint next, Content content) throws IOException {
        // Before it fails: a RocksDB that found no room takes no writes until it has more than the reserve may give,
        // which is also why it gets nothing as long as it fails.
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
     * If it throws anything but an {@link IndexException}, nobody knows how far it came: an error may come at any
     * moment.
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
                e.addSuppressed(again); // it is tried again before the next write
            }
            throw e;
        }
    }

    /**
     * If it went astray, takes over what the index holds, and lets no relocation go on that may have missed what died.
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
        // Only a record in the VLog has live bytes, so nothing else is asked for.
        List<@Nullable Separated> oldLocations = index.separated(keys);
        for (int i = 0; i < keys.size(); i++) {
            ValueLocation now = versions.get(i).location();
            change.replaced(oldLocations.get(i), now);
            if (now != null) {
                batch.put(keys.get(i), now);
            } else {
                batch.delete(keys.get(i)); // needed or not: the index may hold an inline value
            }
        }
    }
}
