/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.Cleanup;
import io.vlogstreams.internal.cleanup.Pins;
import io.vlogstreams.internal.cleanup.SpaceLedger;
import io.vlogstreams.internal.index.CommitPoint;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.Storage;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogOptions;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The engine of one store: values are in the VLog, and their locations are staged in memory until a commit moves them
 * into the index.
 *
 * <p>Writes (put, commit, restore) take the writer's lock, so one of them runs at a time. They write to the index
 * through the {@link Committer}, in turn with the cleanup. Readers run on any thread and take no lock: they see the
 * staged writes and the index as the writer publishes them. The owner closes the engine when no other thread uses it.
 */
public final class StoreEngine implements AutoCloseable {

    private final EngineOptions options;
    private final ValueFormats formats;
    private final Damage damage;
    private final LocationIndex index;
    private final VLog vlog;
    private final Pins pins;
    private final Cleanup cleanup;
    private final Backlog backlog;
    private final Committer committer;
    private final Staging staging;
    private final RestoredWrites restored;
    private final CommittedView committedView;
    private final StoreReader reader;
    private final SpillReport spillReport;

    private volatile boolean written;
    private boolean unconfirmed;

    private StoreEngine(
            EngineOptions options,
            long maxFileBytes,
            ValueFormats formats,
            LocationIndex index,
            Recovery recovery,
            SpaceLedger ledger) {
        this.options = options;
        this.spillReport = new SpillReport(options);
        this.formats = formats;
        this.damage = new Damage(options, formats);
        this.index = index;
        this.vlog = recovery.vlog();
        this.pins = new Pins(options.cleanup().nanoTime());
        this.staging = new Staging(
                new StagedMemory(options.maxStagedBytes(), options.maxTotalStagedBytes()),
                ledger,
                new Placement(options.thresholdBytes(), formats, vlog));
        this.committer = new Committer(this, index, recovery, ledger, staging, damage, options.syncPolicy());
        this.committedView = new CommittedView(index, pins, vlog::highestFileId, options.committedReads());
        this.reader = new StoreReader(damage, options.storeName(), formats, staging, index, committedView, vlog, pins);
        this.written = recovery.commitPoint().written();
        this.cleanup = new Cleanup(
                options.storeName(),
                vlog,
                index,
                ledger,
                pins,
                committer,
                options.cleanup(),
                formats.currentTag(),
                options.cleanup().alwaysRecounts() || !recovery.commitPoint().counted());
        this.backlog = new Backlog(options, vlog, maxFileBytes, cleanup);
        this.restored = new RestoredWrites(staging, committer, backlog);
    }

    /**
     * Opens the store at its last commit point. Creates, changes and deletes no VLog file.
     *
     * <p>The engine owns the index and closes it; if opening fails, the caller closes it.
     *
     * @throws StoreDamagedException if committed data is missing and cannot be restored
     * @throws io.vlogstreams.internal.index.IndexDamagedException if the index has to be replaced
     */
    public static StoreEngine open(
            EngineOptions options, VLogOptions vlogOptions, Storage storage, LocationIndex index, ValueFormats formats)
            throws IOException {
        Recovery recovery = Recovery.run(options, index, storage, vlogOptions, formats);
        return new StoreEngine(
                options, vlogOptions.maxFileBytes(), formats, index, recovery, new SpaceLedger(index.live()));
    }

    /**
     * Stages a write; a null value deletes the key. The key is kept, not copied.
     *
     * @throws LimitException if key or value is too large; nothing was written
     * @throws IOException if the VLog could not take the value; nothing was staged
     */
    public void put(byte[] key, byte @Nullable [] value) throws IOException {
        AfterPut after = putAndSpill(key, value);
        if (after != AfterPut.NOTHING) {
            cleanup.wake();
        }
        if (after == AfterPut.HELP) {
            cleanup.help();
        }
    }

    private synchronized AfterPut putAndSpill(byte[] key, byte @Nullable [] value) throws IOException {
        damage.checkTakesWrites();
        Limits.check(options, key, value);
        applyRestored();
        confirm();
        staging.put(key, value);
        written = true;
        if (staging.isFull()) {
            spillReport.writeOnce(staging.current().bytes());
            spill();
        } else if (staging.isHalfFull()) {
            options.commitRequest().make();
        }
        if (!backlog.isToBeTold()) {
            return cleanup.isHeldUp() ? AfterPut.HELP : AfterPut.NOTHING;
        }
        if (backlog.isTooMuchStaged()) {
            // The records that these writes replace are known only once they are in the index.
            spill();
            return AfterPut.WAKE; // one wait per put is enough; the next put helps
        }
        return AfterPut.HELP;
    }

    /** Returns the value of the key in the current format, or null. Any thread. */
    public byte @Nullable [] get(byte[] key) throws IOException {
        return reader.get(key);
    }

    /** Returns the value of the key as of the last commit, or null. Any thread. */
    public byte @Nullable [] getCommitted(byte[] key) throws IOException {
        return reader.getCommitted(key);
    }

    /** Opens a scan of the range as of now; the caller closes it. Any thread. */
    public StoreScan scan(KeyRange range, boolean ascending) throws IOException {
        return reader.scan(range, ascending);
    }

    /** Opens a scan of the range as of the last commit; the caller closes it. Any thread. */
    public StoreScan scanCommitted(KeyRange range, boolean ascending) throws IOException {
        return reader.scanCommitted(range, ascending);
    }

    /** Opens a scan of keys only, which pins no VLog file; the caller closes it. Any thread. */
    public KeyScan scanKeys(KeyRange range, boolean ascending) throws IOException {
        return reader.scanKeys(range, ascending);
    }

    /** Opens a scan of keys only, as of the last commit. */
    public KeyScan scanKeysCommitted(KeyRange range, boolean ascending) throws IOException {
        return reader.scanKeysCommitted(range, ascending);
    }

    /** Returns the last commit point. Any thread. */
    public CommitPoint commitPoint() {
        return committer.commitPoint();
    }

    /**
     * Returns the current offset of the store by changelog partition, including records restored since the last commit
     * point. Any thread.
     */
    public Map<String, Long> offsets() {
        return restored.offsets();
    }

    /** Returns the position of the committed data, including records restored since the last commit. Any thread. */
    public byte[] position() {
        return restored.position();
    }

    /** Returns whether the store was ever written or restored, in this process or an earlier one. */
    public boolean written() {
        return written;
    }

    /**
     * Atomically moves all staged writes into the index, together with the offsets and the position (invariant 2).
     *
     * @param offsets the offsets by changelog partition, which replace all earlier ones
     */
    public void commit(Map<String, Long> offsets, byte[] position) throws IOException {
        if (commitIfNeeded(offsets, position, true)) {
            cleanup.wake();
        }
    }

    /**
     * The same, with a dirty mark, for writes of a transaction that may have failed. The next write or a clean close
     * clears the mark. If the transaction has failed, no write follows, and the store is not trusted after it is
     * closed.
     */
    public void commitUnconfirmed(Map<String, Long> offsets, byte[] position) throws IOException {
        if (commitIfNeeded(offsets, position, false)) {
            cleanup.wake();
        }
    }

    private synchronized boolean commitIfNeeded(Map<String, Long> offsets, byte[] position, boolean confirmed)
            throws IOException {
        damage.checkTakesWrites();
        boolean appliedRestored = applyRestored();
        CommitPoint commitPoint = commitPoint();
        boolean nothingNew = staging.current().isEmpty()
                && (!commitPoint.dirty() || (unconfirmed && !confirmed))
                && written == commitPoint.written()
                && offsets.equals(commitPoint.offsets())
                && Arrays.equals(position, commitPoint.position());
        if (nothingNew) {
            return appliedRestored; // standby tasks commit every 100 ms, mostly without changes
        }
        if (!confirmed) {
            committedView.keep();
        }
        apply(offsets, position, !confirmed);
        unconfirmed = !confirmed;
        return true;
    }

    /** Makes all committed data durable, whatever the policy. */
    public void sync() throws IOException {
        committer.sync();
    }

    /** Returns whether the store holds uncommitted writes. */
    public synchronized boolean holdsUncommitted() {
        return commitPoint().dirty() || staging.uncommittedBytes() > 0;
    }

    /** Clears the mark of an unconfirmed commit, because its transaction has turned out to be committed. */
    private void confirm() throws IOException {
        if (unconfirmed) {
            apply(commitPoint().offsets(), commitPoint().position(), false);
            unconfirmed = false;
        }
    }

    /**
     * Restores changelog records: committed data, which all readers see. They are written to the index, with their
     * offsets, when there are enough of them or before any other write. Sizes are not checked, because the records were
     * accepted once.
     *
     * @param writes the writes in changelog order; only the last one of each key is stored
     * @param offsets the offsets at the end of the batch; other partitions keep theirs
     */
    public synchronized void restore(List<Write> writes, Map<String, Long> offsets, byte[] position)
            throws IOException {
        if (!writes.isEmpty()) {
            damage.checkTakesWrites();
            confirm();
            boolean enough = restored.add(writes, offsets, position);
            written = true;
            if (enough) {
                applyRestored();
            }
        }
    }

    /** Called after {@link #restore}: wakes the cleanup, and waits or helps if it does not keep up. */
    public void cleanUpRestored() {
        cleanup.wake();
        cleanup.help();
    }

    /** Writes staged restored records to the index; returns false if there are none. */
    private boolean applyRestored() throws IOException {
        RestoredWrites.End end = restored.end();
        if (end == null) {
            return false;
        }
        apply(end.offsets(), end.position(), commitPoint().dirty());
        restored.startAnew();
        return true;
    }

    /** Writes staged writes to the index without a commit, with a dirty mark. */
    private void spill() throws IOException {
        spillReport.count();
        committedView.keep();
        // The mark is in the same batch as the writes that it is for, so there is never one without the other.
        apply(commitPoint().offsets(), commitPoint().position(), true);
    }

    /**
     * Discards the writes since the last commit, because their transaction was aborted. If some of them were spilled or
     * committed, the store refuses writes with a {@link DirtyStoreException} until it is restored.
     */
    public synchronized void rollBack(boolean withCommitted) {
        boolean mixed = withCommitted;
        // Restored records are committed, and if they are staged, no puts are.
        if (!staging.current().areRestored()) {
            staging.startAnew();
            restored.startAnew();
            mixed |= commitPoint().dirty();
        }
        if (mixed) {
            damage.isMixed();
        }
    }

    private void apply(Map<String, Long> offsets, byte[] position, boolean dirty) throws IOException {
        committer.apply(offsets, position, formats.encode(), dirty, written);
        backlog.applied();
        staging.startAnew();
        if (!dirty) {
            committedView.giveUp();
        }
    }

    /** Wakes the cleanup, which works on its own thread. Any thread. */
    public void cleanUp() {
        cleanup.wake();
    }

    /** Deletes the obsolete VLog files that no reader pins, now and on this thread; returns their number. */
    public int deleteObsoleteFiles() throws IOException {
        return cleanup.deleteObsoleteFilesNow();
    }

    /** Returns about how many keys the store holds; inline values and uncommitted writes make it inexact. */
    public long approximateEntries() throws IOException {
        return reader.approximateEntries(committer.commitPoint().entries());
    }

    /** Returns the memory of uncommitted writes. Any thread, at any time. */
    public long uncommittedBytes() {
        return staging.uncommittedBytes();
    }

    /** Returns the current sizes and counts. */
    public StoreStatistics statistics() {
        return new StoreStatistics(
                cleanup.space(),
                vlog.statistics(),
                cleanup.statistics(),
                staging.current().bytes(),
                spillReport.spills(),
                pins.scans(),
                pins.oldestScanNanos());
    }

    /** Returns the known damage of the store. */
    public Damage damage() {
        return damage;
    }

    /**
     * Closes everything. Staged writes are kept, except under exactly-once: there uncommitted writes are discarded, as
     * after a crash (invariant 3).
     */
    @Override
    public void close() throws IOException {
        cleanup.close();
        closeAll();
    }

    private synchronized void closeAll() throws IOException {
        try {
            if (damage.emptiesIndex()) {
                index.clear(damage.emptied(commitPoint()));
            } else if (!damage.isGivenUp()) {
                saveAtEnd();
            }
        } finally {
            staging.startAnew();
            committedView.giveUp();
            try {
                vlog.close();
            } finally {
                index.close();
            }
        }
    }

    private void saveAtEnd() throws IOException {
        applyRestored();
        confirm();
        CommitPoint commitPoint = commitPoint();
        boolean unsaved = !staging.current().isEmpty() || commitPoint.dirty() || written != commitPoint.written();
        if (unsaved && !options.exactlyOnce()) {
            apply(commitPoint.offsets(), commitPoint.position(), false);
        }
        if (!commitPoint().counted() && !commitPoint().dirty() && cleanup.trustsLiveBytes()) {
            committer.end();
        }
    }
}
