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
 * A scan over the keys in a range of the store, as of the moment when it was opened: the staged writes merged over the
 * index. It reads no value and decodes no location of the index.
 *
 * <p>For one thread at a time. The user of the engine closes it, at the latest before the engine is closed.
 */
public sealed class KeyScan implements AutoCloseable permits StoreScan {

    private final StagedWrites.Snapshot snapshot;
    private final StagedCursor staged;
    private final IndexCursor index;
    private final Runnable hold;
    private final boolean ascending;

    /** The current key of the index cursor, or null if it has not been read yet. */
    private byte @Nullable [] indexKey;

    private byte @Nullable [] key;
    private boolean keyIsStaged;
    private boolean keyIsIndexed;
    private boolean closed;

    /**
     * Stands before its first entry until {@link #advance()} is called.
     *
     * @param hold releases the hold on the files that the scan may name; run once
     */
    KeyScan(StagedWrites.Snapshot snapshot, StagedCursor staged, IndexCursor index, Runnable hold, boolean ascending) {
        this.snapshot = snapshot;
        this.staged = staged;
        this.index = index;
        this.hold = hold;
        this.ascending = ascending;
    }

    /** Returns whether the scan is at an entry. */
    public final boolean isValid() {
        return key != null;
    }

    /**
     * Returns the key of the entry.
     *
     * @throws NoSuchElementException if there is none
     */
    public final byte[] key() {
        if (key == null) {
            throw new NoSuchElementException("the scan is at its end");
        }
        return key;
    }

    /** Decodes and returns the location of the entry; null for a deleted one, which only {@link #advance()} sees. */
    final @Nullable ValueLocation location() throws IOException {
        if (key == null) {
            throw new NoSuchElementException("the scan is at its end");
        }
        if (!keyIsStaged && !keyIsIndexed) {
            throw new IOException("the scan could not go on, so it is at no entry");
        }
        return keyIsStaged ? staged.location() : index.location();
    }

    /**
     * Moves to the next entry that is not deleted.
     *
     * @throws IOException if the index cannot be read; the next call throws again, so that the scan does not seem to
     *     have ended
     */
    public final void advance() throws IOException {
        do {
            leave();
            takeNext();
        } while (keyIsStaged && staged.location() == null);
    }

    /**
     * Leaves the current entry. A staged key hides the same key of the index, so both cursors advance. Each advances
     * only once, because a failed cursor must not be used again.
     */
    private void leave() {
        if (keyIsStaged) {
            keyIsStaged = false;
            staged.advance();
        }
        if (keyIsIndexed) {
            keyIsIndexed = false;
            indexKey = null;
            index.advance();
        }
    }

    private void takeNext() throws IOException {
        if (indexKey == null && index.isValid()) {
            indexKey = index.key();
        }
        byte[] stagedKey = staged.isValid() ? staged.key() : null;
        int order = order(stagedKey, indexKey);
        keyIsStaged = stagedKey != null && order <= 0;
        keyIsIndexed = indexKey != null && order >= 0;
        key = keyIsStaged ? stagedKey : indexKey;
    }

    /** Compares the keys: negative if the staged key comes first, positive if that of the index does, 0 if equal. */
    private int order(byte @Nullable [] stagedKey, byte @Nullable [] indexedKey) {
        if (indexedKey == null) {
            return -1;
        }
        if (stagedKey == null) {
            return 1;
        }
        int order = Arrays.compareUnsigned(stagedKey, indexedKey);
        return ascending ? order : -order;
    }

    /** Releases everything. Idempotent. */
    @Override
    public final void close() {
        if (closed) {
            return;
        }
        closed = true;
        index.close();
        snapshot.close();
        hold.run();
    }
}
