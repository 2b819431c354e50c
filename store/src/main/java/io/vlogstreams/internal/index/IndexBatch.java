/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.ValueLocation;

/**
 * Changes that are applied to the index atomically. Created by {@link LocationIndex#newBatch()}, written once by
 * {@link LocationIndex#write}, then closed. For one thread.
 */
public interface IndexBatch extends AutoCloseable {

    void put(byte[] key, ValueLocation location) throws IndexException;

    void delete(byte[] key) throws IndexException;

    /** Replaces the counters of the live records of a VLog file; {@link LiveRecords#NONE} removes them. */
    void live(long fileId, LiveRecords live) throws IndexException;

    /**
     * Adds the records that begin at these offsets to the dead records of a VLog file. No location names any of them
     * any more.
     */
    void dead(long fileId, long[] offsets) throws IndexException;

    /** Removes the dead records of a VLog file that is gone. */
    void forgetDead(long fileId) throws IndexException;

    void commitPoint(CommitPoint commitPoint) throws IndexException;

    @Override
    void close();
}
