/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kafkatests;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.AbstractKeyValueStoreTest;

/**
 * Kafka's own contract test of a key-value store, run on our store through the builders that applications use, with and
 * without the cache above it.
 */
abstract class KeyValueStoreConformance extends AbstractKeyValueStoreTest {
    static final String STORE_NAME = "my-store";

    private final boolean caching;

    KeyValueStoreConformance(boolean caching) {
        this.caching = caching;
    }

    abstract <K, V> KeyValueStore<K, V> open(StateStoreContext context, Serde<K> keySerde, Serde<V> valueSerde);

    // Kafka's test chooses K and V and sets matching serdes, which the context cannot express.
    @SuppressWarnings("unchecked")
    @Override
    protected final <K, V> KeyValueStore<K, V> createKeyValueStore(StateStoreContext context) {
        return open(ConvertingRestoreContext.around(context), (Serde<K>) context.keySerde(), (Serde<V>)
                context.valueSerde());
    }

    final <S extends KeyValueStore<?, ?>> S opened(StoreBuilder<S> builder, StateStoreContext context) {
        S store = (caching ? builder.withCachingEnabled() : builder).build();
        store.init(context, store);
        return store;
    }
}
