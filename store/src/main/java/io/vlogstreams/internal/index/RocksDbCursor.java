/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** A cursor on a RocksDB iterator, bounded by RocksDB itself. One thread at a time. */
final class RocksDbCursor implements IndexCursor {

    private final @Nullable Slice lower;
    private final @Nullable Slice upper;
    private final ReadOptions readOptions;
    private final RocksIterator iterator;
    private final boolean ascending;

    /** Takes over the read options, and closes them. */
    RocksDbCursor(
            RocksDB database,
            ColumnFamilyHandle locations,
            ReadOptions readOptions,
            KeyRange range,
            boolean ascending) {
        this.readOptions = readOptions;
        this.ascending = ascending;
        // Bounds let RocksDB stop at the end of the range instead of walking over what was deleted behind it.
        this.lower = range.from() == null ? null : new Slice(range.from());
        this.upper = range.toExclusive() == null ? null : new Slice(range.toExclusive());
        if (lower != null) {
            readOptions.setIterateLowerBound(lower);
        }
        if (upper != null) {
            readOptions.setIterateUpperBound(upper);
        }
        this.iterator = database.newIterator(locations, readOptions);
        if (ascending) {
            iterator.seekToFirst();
        } else {
            iterator.seekToLast();
        }
    }

    @Override
    public boolean isValid() throws IndexException {
        if (iterator.isValid()) {
            return true;
        }
        try {
            iterator.status();
        } catch (RocksDBException e) {
            throw new IndexException("the index could not be read on", e);
        }
        return false;
    }

    @Override
    public byte[] key() {
        return iterator.key();
    }

    @Override
    public ValueLocation location() throws IOException {
        return Locations.decodePresent(iterator.value());
    }

    @Override
    public void advance() {
        if (ascending) {
            iterator.next();
        } else {
            iterator.prev();
        }
    }

    @Override
    public void close() {
        iterator.close();
        readOptions.close();
        if (lower != null) {
            lower.close();
        }
        if (upper != null) {
            upper.close();
        }
    }
}
