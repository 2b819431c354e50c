/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kafkatests;

import io.vlogstreams.VLogStores;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Values as the DSL stores them: a timestamp, then the value. */
@ParameterizedClass(name = "caching {0}")
@ValueSource(booleans = {false, true})
final class TimestampedStoreConformanceTest extends KeyValueStoreConformance {
    private static final long TIMESTAMP_MS = 1_700_000_000_000L;

    TimestampedStoreConformanceTest(boolean caching) {
        super(caching);
    }

    @Override
    <K, V> KeyValueStore<K, V> open(StateStoreContext context, Serde<K> keySerde, Serde<V> valueSerde) {
        TimestampedKeyValueStore<K, V> store = opened(
                Stores.timestampedKeyValueStoreBuilder(
                        VLogStores.persistentTimestampedKeyValueStore(STORE_NAME), keySerde, valueSerde),
                context);
        return new BareValueStore<>(
                store, value -> ValueAndTimestamp.make(value, TIMESTAMP_MS), ValueAndTimestamp::getValueOrNull);
    }
}
