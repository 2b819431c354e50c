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
 * The interface of a store's cleanup to its writer. Thread-safe. Calls that write wait for a commit under way. They are
 * short, unless commits wait for the disk.
 */
public interface StoreWriter {

    /** Returns whether a commit is under way, for which a write to the index would have to wait. */
    boolean isCommitting();

    /**
     * Atomically moves the locations of copied records, whose old files must be watched. A location that is no longer
     * the old one is left unchanged. Without moves this only checks that the index accepts writes.
     */
    void move(List<Move> moves) throws IOException;

    /**
     * Seals the active file of short-lived records, so that it can be deleted, if no record in it is live or staged.
     */
    void sealObsoleteShortLived() throws IOException;

    /**
     * Returns whether a staged write names a record of the file. Later writes never name a sealed file. Also true
     * during a write to the index, and after an interrupted one until the content of the index is known.
     */
    boolean isStaged(long fileId);

    /**
     * Returns whether no record of the file is staged or live. A sealed file stays so.
     *
     * @param ledger the ledger of the same store
     */
    default boolean isObsolete(long fileId, SpaceLedger ledger) {
        // Invariant 4, in this order: a commit turns staged records into live bytes before it forgets them, so checking
        // the live bytes first could miss both.
        return !isStaged(fileId) && ledger.liveBytes(fileId) == 0;
    }

    /**
     * Makes the commit point independent of a sealed file that nothing names any more: it must not end in the file, and
     * its highest id must cover the file. Mostly both are true already.
     */
    void release(long fileId) throws IOException;

    /** Returns the index and the ledger at one moment. The caller closes the view. */
    Snapshot snapshot();

    /** Reports that the index is damaged. From now on the store refuses all operations; it is restored if possible. */
    void indexIsLost(IOException cause);

    /** See {@link #snapshot()}. */
    record Snapshot(IndexView view, SortedMap<Long, Long> liveBytes) {}
}
