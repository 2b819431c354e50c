/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.frameworks.quarkus;

import io.vlogstreams.VLogProcessorWrapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.util.Map;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Materialized;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Assembles books from their chapters, so that each chapter replaces a large value. */
@ApplicationScoped
public class LibraryApplication {

    @ConfigProperty(name = "quarkus.kafka-streams.application-id")
    String applicationId;

    @ConfigProperty(name = "quarkus.kafka-streams.bootstrap-servers")
    String bootstrapServers;

    @Produces
    Topology topology() {
        StreamsBuilder builder = new StreamsBuilder(new TopologyConfig(new StreamsConfig(Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG,
                applicationId,
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG,
                VLogProcessorWrapper.class))));
        builder.<String, String>stream("chapters")
                .groupByKey()
                .aggregate(() -> "", (title, chapter, book) -> book + chapter, Materialized.as("library"))
                .toStream()
                .to("books");
        return builder.build();
    }
}
