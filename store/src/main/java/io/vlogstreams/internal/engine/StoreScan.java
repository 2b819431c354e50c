/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.util.NoSuchElementException;

/**
 * A scan over the keys in a range that can also read their values. A value is read only when it is asked for.
 *
 * <p>Threads and closing are those of {@link KeyScan}.
 */
public final class StoreScan extends KeyScan {

    /** Reads the value at a location that was found for a key. */
    interface ValueReader {
        byte[] read(byte[] key, ValueLocation location) throws IOException;
    }

    private final ValueReader values;

    /**
     * Stands before its first entry until {@link #advance()} is called.
     *
     * @param hold releases the hold on the files that the scan may name; run once
     */
    StoreScan(
            StagedWrites.Snapshot snapshot,
            StagedCursor staged,
            IndexCursor index,
            Runnable hold,
            ValueReader values,
            boolean ascending) {
        super(snapshot, staged, index, hold, ascending);
        this.values = values;
    }

    /** Reads the value of the entry. */
    public byte[] value() throws IOException {
        ValueLocation location = location();
        if (location == null) {
            throw new NoSuchElementException("the entry is deleted");
        }
        return values.read(key(), location);
    }
}
