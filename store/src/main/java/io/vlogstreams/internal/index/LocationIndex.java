/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What the store needs of an index: key to value location in unsigned byte order, snapshots, and atomic writes that
 * carry a {@link CommitPoint}.
 *
 * <p>Writes come from one thread at a time; reads from any thread, also during writes. Nothing is called during or
 * after {@link #close()}: the owner sees to that.
 */
public interface LocationIndex extends IndexReader, AutoCloseable {

    /**
     * The locations in the VLog of the keys, in their order, null where there is none or the value is inline; cheapest
     * for sorted keys.
     */
    List<@Nullable Separated> separated(List<byte[]> sortedKeys) throws IOException;

    /** The index as it is now, to be read later; the caller closes it. */
    IndexView openView();

    IndexBatch newBatch();

    /**
     * Makes the batch part of the index, whole: it survives a killed process, and a power failure if {@code sync}.
     */
    void write(IndexBatch batch, boolean sync) throws IndexException;

    /** Makes all earlier writes survive a power failure; waits for the disk. */
    void sync() throws IndexException;

    /** The last commit point, or null if none was ever written. */
    @Nullable
    CommitPoint commitPoint() throws IndexException;

    /** Live records by VLog file id, as of the last commit point; files without live records are absent. */
    SortedMap<Long, LiveRecords> live() throws IndexException;

    /** What is known of the records of a VLog file. */
    KnownRecords known(long fileId) throws IndexException;

    /** The ids of the VLog files of which dead records are known. */
    Set<Long> filesWithDead() throws IndexException;

    /**
     * Forgets everything, locations, live bytes and the commit point, for good, and is at this commit point instead.
     */
    void clear(CommitPoint commitPoint) throws IndexException;

    /** About how many keys have a location; keys that were overwritten or deleted may still be counted. */
    long approximateEntries() throws IndexException;

    @Override
    void close();
}
