/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.IndexView;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;

/**
 * The writer of a store, as its cleanup needs it. Thread-safe: every call waits for a commit that is under way. It is
 * short itself, unless commits wait for the disk.
 */
public interface StoreWriter {

    /** Whether a commit is under way, for which any write to the index would have to wait. */
    boolean isCommitting();

    /**
     * Moves the locations of records that were copied, all or nothing, while their files are watched. A location that
     * is not the old one any more is left as it is. Without moves it tells whether the index takes writes.
     */
    void move(List<Move> moves) throws IOException;

    /**
     * Seals the active file of short-lived records, so that it can be deleted, if no record in it is live or staged.
     */
    void sealObsoleteShortLived() throws IOException;

    /**
     * Whether a staged write names a record of the file. No write to come will name one of a sealed file. Also true
     * during a write to the index, and after one that broke off, until it is known what the index holds.
     */
    boolean isStaged(long fileId);

    /**
     * Makes the commit point do without a sealed file that nothing names any more: it does not end in the file, and has
     * its id on record. Mostly it does already.
     */
    void release(long fileId) throws IOException;

    /** The index and the ledger at one moment. The receiver closes the view. */
    Snapshot snapshot();

    /** The index is not what was written to it: the store answers nothing from now on, and is restored if it can be. */
    void indexIsLost(IOException cause);

    /** See {@link #snapshot()}. */
    record Snapshot(IndexView view, SortedMap<Long, Long> liveBytes) {}
}
