/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * A cursor on a RocksDB iterator, bounded by RocksDB itself. For one thread at a time.
 *
 * <p>RocksDB copies into an array that the cursor keeps, because an array that native code creates takes several times
 * as long as one created here.
 */
final class RocksDbCursor implements IndexCursor {

    /** Room for a pointer and for most keys. */
    private static final int FIRST_COPY_BYTES = 64;

    /** Larger keys and values take so long to copy that creating an array does not matter. */
    private static final int MAX_COPY_BYTES = 4096;

    private final @Nullable Slice lower;
    private final @Nullable Slice upper;
    private final ReadOptions readOptions;
    private final RocksIterator iterator;
    private final boolean ascending;
    private byte[] copy = new byte[FIRST_COPY_BYTES];

    /** Takes ownership of the read options, and closes them. */
    RocksDbCursor(
            RocksDB database,
            ColumnFamilyHandle locations,
            ReadOptions readOptions,
            KeyRange range,
            boolean ascending) {
        this.readOptions = readOptions;
        this.ascending = ascending;
        // With bounds RocksDB stops at the end of the range and does not walk over the tombstones after it.
        this.lower = range.from() == null ? null : new Slice(range.from());
        this.upper = range.toExclusive() == null ? null : new Slice(range.toExclusive());
        if (lower != null) {
            readOptions.setIterateLowerBound(lower);
        }
        if (upper != null) {
            readOptions.setIterateUpperBound(upper);
        }
        // With a prefix extractor, which the user's tuning may set, RocksDB would stop at the end of a prefix.
        readOptions.setTotalOrderSeek(true);
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
            throw RocksDbErrors.translate("the index could not be read on", e);
        }
        return false;
    }

    @Override
    public byte[] key() {
        int length = iterator.key(copy);
        if (length > copy.length) {
            makeRoomFor(length);
            return iterator.key();
        }
        return Arrays.copyOf(copy, length);
    }

    @Override
    public ValueLocation location() throws IOException {
        int length = iterator.value(copy);
        if (length > copy.length) {
            makeRoomFor(length);
            return Locations.decodePresent(iterator.value());
        }
        return Locations.decodePresent(copy, length);
    }

    /** Enlarges the array for the next entry. */
    private void makeRoomFor(int length) {
        if (length <= MAX_COPY_BYTES) {
            copy = new byte[Math.min(2 * length, MAX_COPY_BYTES)];
        }
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
