/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import java.io.Closeable;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The keys of a store in the order of their bytes, as {@link VLogKeysQuery} gives them. It stands still from the moment
 * of the query: what is put or deleted later does not show. A key is deserialized when it is asked for.
 *
 * <p>It has to be closed, like a {@link org.apache.kafka.streams.state.KeyValueIterator}: until then the index keeps
 * its files and the store the locations that were staged. Other than that one it holds no VLog file, because it never
 * reads one, so the cleanup goes on whatever its age. When the store is closed the iterator is, too; from then on every
 * call but {@code close()} throws an {@link org.apache.kafka.streams.errors.InvalidStateStoreException}.
 *
 * <p>One thread at a time.
 *
 * @param <K> the type of keys
 */
public interface VLogKeyIterator<K> extends Iterator<K>, Closeable {

    /**
     * The key that {@link #next()} would give, without going on.
     *
     * @throws NoSuchElementException if there is none
     */
    K peekNextKey();

    /** Again does nothing. */
    @Override
    void close();
}
