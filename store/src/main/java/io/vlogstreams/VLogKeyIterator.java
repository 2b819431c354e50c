/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import java.io.Closeable;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Iterates over the keys of a store in the order of their bytes; the result of a {@link VLogKeysQuery}. It shows a
 * snapshot as of the query: later puts and deletes are not visible. Each key is deserialized when it is asked for.
 *
 * <p>It must be closed, like a {@link org.apache.kafka.streams.state.KeyValueIterator}. Until then the index keeps its
 * files, and the store keeps the locations that were staged. Unlike that iterator it pins no VLog file, because it
 * never reads one, so it does not hold up the cleanup. Closing the store closes the iterator; from then on every call
 * except {@code close()} throws an {@link org.apache.kafka.streams.errors.InvalidStateStoreException}.
 *
 * <p>For one thread at a time.
 *
 * @param <K> the type of keys
 */
public interface VLogKeyIterator<K> extends Iterator<K>, Closeable {

    /**
     * Returns the key that {@link #next()} would return, without advancing.
     *
     * @throws NoSuchElementException if there is no further key
     */
    K peekNextKey();

    /** Releases the snapshot. Idempotent. */
    @Override
    void close();
}
