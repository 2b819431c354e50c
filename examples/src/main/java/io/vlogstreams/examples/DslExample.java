/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import io.vlogstreams.VLogCleanup;
import io.vlogstreams.VLogDslStoreSuppliers;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;

/**
 * A VLog store in the DSL: one line of configuration puts every table of the topology into a VLog. The example
 * assembles books from chapters, so each update replaces a large value.
 */
public final class DslExample {

    private DslExample() {}

    /** Starts a broker, sends some chapters, prints the books and ends. */
    public static void main(String[] args) {
        try (var sandbox = Sandbox.open("dsl-example", "chapters")) {
            for (int chapter = 1; chapter <= 10; chapter++) {
                for (var book : new String[] {"Emma", "Moby-Dick", "Walden"}) {
                    sandbox.send("chapters", book, ("Chapter " + chapter + " of " + book + ". ").repeat(2000));
                }
            }

            var properties = sandbox.streamsProperties();
            // The one line. Everything else is as with any other store.
            properties.put(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, VLogDslStoreSuppliers.class);

            try (var streams = new KafkaStreams(topology(), properties)) {
                streams.start();
                sandbox.awaitProcessed("chapters");
                print(streams);
            }
        }
    }

    private static Topology topology() {
        var builder = new StreamsBuilder();
        builder.<String, String>stream("chapters")
                .groupByKey()
                .aggregate(() -> "", (title, chapter, book) -> book + chapter, Materialized.as("books"))
                .toStream()
                // Wakes the cleanup at intervals, which deletes VLog files without live values.
                .processValues(VLogCleanup.fixedKeyProcessor("books"), "books");
        return builder.build();
    }

    private static void print(KafkaStreams streams) {
        var books = streams.store(
                StoreQueryParameters.fromNameAndType("books", QueryableStoreTypes.<String, String>keyValueStore()));
        try (KeyValueIterator<String, String> iterator = books.all()) {
            while (iterator.hasNext()) {
                KeyValue<String, String> book = iterator.next();
                System.out.printf("%s: %,d characters%n", book.key, book.value.length());
            }
        }
    }
}
