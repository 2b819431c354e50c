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
 * Numbers the writes to an index and lets RocksDB count them, so that an index in which one is missing is not believed.
 *
 * <p>Each write sets the number of the last write and adds one to the count. Whatever comes back after a crash or from
 * a damaged disk: if it is all that was written until some moment, the two are the same; if something in the middle is
 * gone, a write-ahead log or what a MANIFEST named, it was counted by nobody.
 *
 * <p>One thread at a time, as for writes.
 */
final class WriteCount {

    private final RocksDB database;
    private final ColumnFamilyHandle commits;
    private long last;

    /** Whether the last write ended in an error, so that nobody knows whether the index holds it. */
    private boolean unsure;

    private WriteCount(RocksDB database, ColumnFamilyHandle commits, long last) {
        this.database = database;
        this.commits = commits;
        this.last = last;
    }

    /**
     * Goes on where the index ends.
     *
     * @throws IndexDamagedException if a write is missing in it
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

    /** Makes the batch the next write. */
    void addTo(WriteBatch batch) throws RocksDBException, IndexDamagedException {
        if (unsure) {
            last = lastIn(database, commits);
        }
        unsure = true;
        batch.put(commits, CommitKeys.LAST_WRITE, CommitKeys.encodeNumber(last + 1));
        batch.merge(commits, CommitKeys.WRITES, CommitKeys.encodeCount(1));
    }

    /** Makes the batch, which forgets all that was there, the first write. */
    void beginIn(WriteBatch batch) throws RocksDBException {
        unsure = true;
        last = 0;
        batch.put(commits, CommitKeys.LAST_WRITE, CommitKeys.encodeNumber(1));
        batch.put(commits, CommitKeys.WRITES, CommitKeys.encodeCount(1));
    }

    /** That batch is in the index. */
    void added() {
        last++;
        unsure = false;
    }
}
