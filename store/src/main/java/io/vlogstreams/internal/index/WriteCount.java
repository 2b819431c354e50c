/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Numbers the writes to an index and lets RocksDB count them, so that an index that lacks a write is rejected.
 *
 * <p>Each write sets the number of the last write and adds one to the count. After a crash or damage the two are equal
 * if the index has every write up to some moment. If a write in the middle is lost, with a write-ahead log or a file
 * that a MANIFEST named, the count is too small.
 *
 * <p>For one thread at a time, as for writes.
 */
final class WriteCount {

    private final RocksDB database;
    private final ColumnFamilyHandle commits;
    private long last;

    /** Whether the last write ended in an error, so that the index may or may not have it. */
    private boolean unsure;

    private WriteCount(RocksDB database, ColumnFamilyHandle commits, long last) {
        this.database = database;
        this.commits = commits;
        this.last = last;
    }

    /**
     * Continues with the number of the index.
     *
     * @throws IndexDamagedException if the index lacks a write
     */
    static WriteCount of(RocksDB database, ColumnFamilyHandle commits) throws RocksDBException, IndexDamagedException {
        byte[] count = database.get(commits, CommitKeys.WRITES);
        long last = lastIn(database, commits);
        long counted = count == null ? 0 : CommitKeys.decodeCount(count);
        if (last != counted) {
            throw new IndexDamagedException(
                    "a part of the index is missing: expected " + last + " writes, found " + counted);
        }
        return new WriteCount(database, commits, last);
    }

    private static long lastIn(RocksDB database, ColumnFamilyHandle commits)
            throws RocksDBException, IndexDamagedException {
        byte[] number = database.get(commits, CommitKeys.LAST_WRITE);
        return number == null ? 0 : CommitKeys.decodeNumber(number);
    }

    /** Numbers the batch as the next write. */
    void addTo(WriteBatch batch) throws RocksDBException, IndexDamagedException {
        if (unsure) {
            last = lastIn(database, commits);
        }
        unsure = true;
        batch.put(commits, CommitKeys.LAST_WRITE, CommitKeys.encodeNumber(last + 1));
        batch.merge(commits, CommitKeys.WRITES, CommitKeys.encodeCount(1));
    }

    /** Numbers the batch, which clears the index, as the first write. */
    void beginIn(WriteBatch batch) throws RocksDBException {
        unsure = true;
        last = 0;
        batch.put(commits, CommitKeys.LAST_WRITE, CommitKeys.encodeNumber(1));
        batch.put(commits, CommitKeys.WRITES, CommitKeys.encodeCount(1));
    }

    /** Records that the batch was written. */
    void added() {
        last++;
        unsure = false;
    }
}
