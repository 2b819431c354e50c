/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kafkatests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.internals.NoOpProcessorWrapper;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.WrappedStateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks that the suppliers and the processor wrapper that shadow Kafka's are loaded. Otherwise a change of the class
 * path order would leave Kafka's tests green, but on Kafka's own store.
 */
final class KafkaStoresAreOursTest {
    private static final String OUR_PACKAGE = "io.vlogstreams";

    @TempDir
    Path stateDirectory;

    static Stream<KeyValueBytesStoreSupplier> kafkaSuppliers() {
        return Stream.of(
                Stores.persistentKeyValueStore("plain"),
                Stores.persistentTimestampedKeyValueStore("timestamped"),
                Stores.persistentTimestampedKeyValueStoreWithHeaders("headers"));
    }

    @ParameterizedTest
    @MethodSource("kafkaSuppliers")
    void everyPersistentSupplierOfKafkaMakesOurStore(KeyValueBytesStoreSupplier supplier) {
        assertThat(supplier.get().getClass().getName()).startsWith(OUR_PACKAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {StreamsConfig.DSL_STORE_FORMAT_DEFAULT, StreamsConfig.DSL_STORE_FORMAT_HEADERS})
    void aTableOfTheDslIsKeptInOurStore(String storeFormat) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.table("input", Materialized.as("table"));
        Properties config = new Properties();
        config.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
        config.put(StreamsConfig.DSL_STORE_FORMAT_CONFIG, storeFormat);
        config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);

        try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(config), config)) {
            StateStore store = innermost(driver.getAllStateStores().get("table"));

            assertThat(store.getClass().getName()).startsWith(OUR_PACKAGE);
        }
    }

    @Test
    void everyTopologyHasOurProcessorWrapperIfItIsAskedFor() {
        String property = "vlog.wrapper";
        try {
            System.setProperty(property, "true");
            assertThat(new NoOpProcessorWrapper()
                            .wrapProcessorSupplier("any", () -> record -> {})
                            .getClass()
                            .getName())
                    .startsWith(OUR_PACKAGE);
        } finally {
            System.clearProperty(property);
        }
    }

    private static StateStore innermost(StateStore store) {
        return store instanceof WrappedStateStore<?, ?, ?> outer ? innermost(outer.wrapped()) : store;
    }
}
