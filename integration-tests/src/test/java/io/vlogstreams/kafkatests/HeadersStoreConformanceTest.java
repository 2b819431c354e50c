/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kafkatests;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vlogstreams.VLogStores;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStoreWithHeaders;
import org.apache.kafka.streams.state.ValueTimestampHeaders;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Values as the DSL stores them under {@code dsl.store.format=HEADERS}: headers, a timestamp, then the value. */
@ParameterizedClass(name = "caching {0}")
@ValueSource(booleans = {false, true})
final class HeadersStoreConformanceTest extends KeyValueStoreConformance {
    private static final long TIMESTAMP_MS = 1_700_000_000_000L;

    HeadersStoreConformanceTest(boolean caching) {
        super(caching);
    }

    @Override
    <K, V> KeyValueStore<K, V> open(StateStoreContext context, Serde<K> keySerde, Serde<V> valueSerde) {
        TimestampedKeyValueStoreWithHeaders<K, V> store = opened(
                Stores.timestampedKeyValueStoreWithHeadersBuilder(
                        VLogStores.persistentTimestampedKeyValueStoreWithHeaders(STORE_NAME), keySerde, valueSerde),
                context);
        return new BareValueStore<>(
                store,
                value -> ValueTimestampHeaders.make(value, TIMESTAMP_MS, someHeaders()),
                ValueTimestampHeaders::getValueOrNull);
    }

    // Not empty, because a store encodes empty headers as no bytes.
    private static Headers someHeaders() {
        return new RecordHeaders().add("origin", "conformance".getBytes(UTF_8));
    }
}
