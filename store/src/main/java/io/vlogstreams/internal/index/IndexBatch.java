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

    /** Replaces the live bytes of a VLog file; 0 forgets the file. */
    void liveBytes(long fileId, long bytes) throws IndexException;

    void commitPoint(CommitPoint commitPoint) throws IndexException;

    @Override
    void close();
}
