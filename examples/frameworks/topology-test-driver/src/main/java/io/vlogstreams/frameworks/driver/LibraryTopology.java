/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.frameworks.driver;

import io.vlogstreams.VLogDslStoreSuppliers;
import io.vlogstreams.VLogProcessorWrapper;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Materialized;

/** Assembles books from their chapters, so that each chapter replaces a large value. */
final class LibraryTopology {

    private LibraryTopology() {}

    /** Returns the properties that the topology is built with, and runs with, in tests and in production. */
    static Properties properties() {
        var properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "library");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9092");
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, VLogDslStoreSuppliers.class);
        properties.put(StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG, VLogProcessorWrapper.class);
        return properties;
    }

    static Topology build(Properties properties) {
        var builder = new StreamsBuilder(new TopologyConfig(new StreamsConfig(properties)));
        builder.<String, String>stream("chapters")
                .groupByKey()
                .aggregate(() -> "", (title, chapter, book) -> book + chapter, Materialized.as("library"))
                .toStream()
                .to("books");
        return builder.build();
    }
}
