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
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Values as the Processor API stores them: bare values. */
@ParameterizedClass(name = "caching {0}")
@ValueSource(booleans = {false, true})
final class PlainStoreConformanceTest extends KeyValueStoreConformance {
    PlainStoreConformanceTest(boolean caching) {
        super(caching);
    }

    @Override
    <K, V> KeyValueStore<K, V> open(StateStoreContext context, Serde<K> keySerde, Serde<V> valueSerde) {
        return opened(
                Stores.keyValueStoreBuilder(VLogStores.persistentKeyValueStore(STORE_NAME), keySerde, valueSerde),
                context);
    }
}
