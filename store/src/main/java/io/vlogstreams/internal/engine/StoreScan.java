/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.util.Arrays;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A walk over a range of the store as it was when the scan was opened: the staged writes merged over the index. A value
 * is read when it is asked for, not when it is passed over.
 *
 * <p>One thread at a time; closed by the engine's user or, if that one forgets, with the engine.
 */
public final class StoreScan implements AutoCloseable {

    /** Reads the value at a location that was found for a key. */
    interface ValueReader {
        byte[] read(byte[] key, ValueLocation location) throws IOException;
    }

    private final StagedWrites.Snapshot snapshot;
    private final StagedCursor staged;
    private final IndexCursor index;
    private final Runnable hold;
    private final ValueReader values;
    private final boolean ascending;
    private byte @Nullable [] key;
    private @Nullable ValueLocation location;
    private boolean closed;

    /**
     * Stands before its first entry until {@link #advance()} is called.
     *
     * @param hold gives up, run once, the hold on the files that the scan may name
     */
    StoreScan(
            StagedWrites.Snapshot snapshot,
            StagedCursor staged,
            IndexCursor index,
            Runnable hold,
            ValueReader values,
            boolean ascending) {
        this.snapshot = snapshot;
        this.staged = staged;
        this.index = index;
        this.hold = hold;
        this.values = values;
        this.ascending = ascending;
    }

    /** Whether there is an entry to look at. */
    public boolean isValid() {
        return key != null;
    }

    /**
     * The key of the entry.
     *
     * @throws NoSuchElementException if there is none
     */
    public byte[] key() {
        if (key == null) {
            throw new NoSuchElementException("the scan is at its end");
        }
        return key;
    }

    /** The value of the entry, read now. */
    public byte[] value() throws IOException {
        if (location == null) {
            throw new NoSuchElementException("the scan is at its end");
        }
        return values.read(key(), location);
    }

    /** Goes to the next entry that is not deleted. */
    public void advance() throws IOException {
        do {
            takeNext();
        } while (key != null && location == null);
    }

    private void takeNext() throws IOException {
        boolean indexValid = index.isValid();
        if (!staged.isValid() && !indexValid) {
            key = null;
            location = null;
            return;
        }
        int order = compareHeads(indexValid);
        if (order <= 0) {
            key = staged.key();
            location = staged.location();
            staged.advance();
        } else {
            key = index.key();
            location = index.location();
        }
        // A staged key hides the same key of the index, so both are passed.
        if (order >= 0) {
            index.advance();
        }
    }

    /** Below 0: the staged entry comes first; above 0: that of the index; 0: both have the same key. */
    private int compareHeads(boolean indexValid) {
        if (!indexValid) {
            return -1;
        }
        if (!staged.isValid()) {
            return 1;
        }
        int order = Arrays.compareUnsigned(staged.key(), index.key());
        return ascending ? order : -order;
    }

    /** Again does nothing. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        index.close();
        snapshot.close();
        hold.run();
    }
}
