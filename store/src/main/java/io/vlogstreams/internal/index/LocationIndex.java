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
 * The index of a store: a map from keys to locations in unsigned byte order, with snapshots, and with atomic writes
 * that carry a {@link CommitPoint}.
 *
 * <p>One thread at a time writes; any thread reads, also during writes. The owner must not call any method during or
 * after {@link #close()}.
 */
public interface LocationIndex extends IndexReader, AutoCloseable {

    /**
     * Returns the locations in the VLog of the keys, in the order of the keys; null if a key has none or its value is
     * inline. Sorted keys are the cheapest.
     */
    List<@Nullable Separated> separated(List<byte[]> sortedKeys) throws IOException;

    /** Opens a snapshot of the index; the caller closes it. */
    IndexView openView();

    IndexBatch newBatch();

    /**
     * Applies the batch atomically. It survives a killed process, and a power failure if {@code sync}.
     */
    void write(IndexBatch batch, boolean sync) throws IndexException;

    /** Makes all earlier writes survive a power failure; waits for the disk. */
    void sync() throws IndexException;

    /** Returns the last commit point, or null if none was ever written. */
    @Nullable
    CommitPoint commitPoint() throws IndexException;

    /** Returns the live records by VLog file id, as of the last commit point; files without any are absent. */
    SortedMap<Long, LiveRecords> live() throws IndexException;

    /** Returns the known live and dead records of a VLog file, as of one moment. */
    KnownRecords known(long fileId) throws IndexException;

    /** Returns the ids of the VLog files that have a list of dead records. */
    Set<Long> filesWithDead() throws IndexException;

    /**
     * Durably removes all locations, live bytes and the commit point, and sets this commit point instead.
     */
    void clear(CommitPoint commitPoint) throws IndexException;

    /** Returns about how many keys have a location; overwritten or deleted keys may still be counted. */
    long approximateEntries() throws IndexException;

    @Override
    void close();
}
