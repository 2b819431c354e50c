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
import org.rocksdb.Snapshot;

/** A view on a RocksDB snapshot. */
final class RocksDbView implements IndexView {

    private final RocksDB database;
    private final ColumnFamilyHandle locations;
    private final Snapshot snapshot;
    private final ReadOptions readOptions;

    RocksDbView(RocksDB database, ColumnFamilyHandle locations) {
        this.database = database;
        this.locations = locations;
        this.snapshot = database.getSnapshot();
        this.readOptions = new ReadOptions().setSnapshot(snapshot);
    }

    @Override
    public @Nullable ValueLocation get(byte[] key) throws IOException {
        try {
            return Locations.decode(database.get(locations, readOptions, key));
        } catch (RocksDBException e) {
            throw RocksDbErrors.translate("a snapshot of the index could not be read", e);
        }
    }

    @Override
    public IndexCursor openCursor(KeyRange range, boolean ascending) {
        return new RocksDbCursor(database, locations, new ReadOptions().setSnapshot(snapshot), range, ascending);
    }

    @Override
    public void close() {
        readOptions.close();
        database.releaseSnapshot(snapshot);
        snapshot.close();
    }
}
