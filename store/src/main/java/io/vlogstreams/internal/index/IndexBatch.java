/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.ValueLocation;

/**
 * Changes that reach the index together or not at all. Made by {@link LocationIndex#newBatch()}, written once by
 * {@link LocationIndex#write}, then closed. One thread.
 */
public interface IndexBatch extends AutoCloseable {

    void put(byte[] key, ValueLocation location) throws IndexException;

    void delete(byte[] key) throws IndexException;

    /** Replaces what is known of the live records of a VLog file; none forgets the file. */
    void live(long fileId, LiveRecords live) throws IndexException;

    /**
     * Adds to the dead records of a VLog file those that begin at these offsets, of which no location names one any
     * more.
     */
    void dead(long fileId, long[] offsets) throws IndexException;

    /** Forgets the dead records of a VLog file, which is gone. */
    void forgetDead(long fileId) throws IndexException;

    void commitPoint(CommitPoint commitPoint) throws IndexException;

    @Override
    void close();
}
