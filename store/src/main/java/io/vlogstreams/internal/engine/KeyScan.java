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
 * A walk over the keys in a range of the store as it was when the scan was opened: the staged writes merged over the
 * index. It reads no value and decodes no location of the index.
 *
 * <p>One thread at a time; closed by the engine's user or, if that one forgets, with the engine.
 */
public sealed class KeyScan implements AutoCloseable permits StoreScan {

    private final StagedWrites.Snapshot snapshot;
    private final StagedCursor staged;
    private final IndexCursor index;
    private final Runnable hold;
    private final boolean ascending;

    /** The key at which the index stands, or null if it is not known yet. */
    private byte @Nullable [] indexKey;

    private byte @Nullable [] key;
    private boolean keyIsStaged;
    private boolean keyIsIndexed;
    private boolean closed;

    /**
     * Stands before its first entry until {@link #advance()} is called.
     *
     * @param hold gives up, run once, the hold on the files that the scan may name
     */
    KeyScan(StagedWrites.Snapshot snapshot, StagedCursor staged, IndexCursor index, Runnable hold, boolean ascending) {
        this.snapshot = snapshot;
        this.staged = staged;
        this.index = index;
        this.hold = hold;
        this.ascending = ascending;
    }

    /** Whether there is an entry to look at. */
    public final boolean isValid() {
        return key != null;
    }

    /**
     * The key of the entry.
     *
     * @throws NoSuchElementException if there is none
     */
    public final byte[] key() {
        if (key == null) {
            throw new NoSuchElementException("the scan is at its end");
        }
        return key;
    }

    /** The location of the entry, decoded now; null for one that is deleted, which only {@link #advance()} sees. */
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
     * Goes to the next entry that is not deleted.
     *
     * @throws IOException if the index cannot be read on; so does the next call, and the scan does not look as if it
     *     ended
     */
    public final void advance() throws IOException {
        do {
            leave();
            takeNext();
        } while (keyIsStaged && staged.location() == null);
    }

    /**
     * A staged key hides the same key of the index, so both are passed. Once: a cursor that has failed must be let be.
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

    /** Below 0: the staged key comes first; above 0: that of the index; 0: they are the same. */
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

    /** Again does nothing. */
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
