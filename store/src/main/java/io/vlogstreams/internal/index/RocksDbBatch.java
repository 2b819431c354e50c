/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.ValueLocation;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** A RocksDB write batch over both column families. For one thread. */
final class RocksDbBatch implements IndexBatch {

    private final ColumnFamilyHandle locations;
    private final ColumnFamilyHandle commits;
    private final WriteBatch batch = new WriteBatch();
    private boolean hasDeletions;

    RocksDbBatch(ColumnFamilyHandle locations, ColumnFamilyHandle commits) {
        this.locations = locations;
        this.commits = commits;
    }

    @Override
    public void put(byte[] key, ValueLocation location) throws IndexException {
        change(() -> batch.put(locations, key, location.encode()));
    }

    @Override
    public void delete(byte[] key) throws IndexException {
        change(() -> batch.delete(locations, key));
        hasDeletions = true;
    }

    @Override
    public void live(long fileId, LiveRecords live) throws IndexException {
        byte[] key = CommitKeys.live(fileId);
        if (live.equals(LiveRecords.NONE)) {
            change(() -> batch.delete(commits, key));
        } else {
            change(() -> batch.put(commits, key, CommitKeys.encodeLive(live)));
        }
    }

    @Override
    public void dead(long fileId, long[] offsets) throws IndexException {
        long[] units = DeadList.units(offsets);
        if (units.length > 0) {
            DeadList.Entry entry = DeadList.encode(fileId, units);
            change(() -> batch.put(commits, entry.key(), entry.value()));
        }
    }

    @Override
    public void forgetDead(long fileId) throws IndexException {
        change(() -> batch.deleteRange(commits, DeadList.keysOf(fileId), DeadList.keyAfter(fileId)));
    }

    @Override
    public void commitPoint(CommitPoint commitPoint) throws IndexException {
        change(() -> batch.put(commits, CommitKeys.COMMIT_POINT, commitPoint.encode()));
    }

    /** Returns whether the batch deletes locations. */
    boolean hasDeletions() {
        return hasDeletions;
    }

    WriteBatch unwrap() {
        return batch;
    }

    @Override
    public void close() {
        batch.close();
    }

    private interface Change {
        void apply() throws RocksDBException;
    }

    private static void change(Change change) throws IndexException {
        try {
            change.apply();
        } catch (RocksDBException e) {
            throw new IndexException("a change could not be added to a batch of the index", e);
        }
    }
}
