/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.frameworks.springboot;

import io.vlogstreams.VLogKafkaClientSupplier;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.annotation.EnableKafkaStreams;
import org.springframework.kafka.config.StreamsBuilderFactoryBeanConfigurer;

/** Assembles books from their chapters, so that each chapter replaces a large value. */
@SpringBootApplication
@EnableKafkaStreams
public class LibraryApplication {

    public static void main(String[] args) {
        SpringApplication.run(LibraryApplication.class, args);
    }

    /**
     * Lets the stores commit with the Kafka transaction. This has to be set in code, because Spring passes a client
     * supplier of its own to {@code KafkaStreams}, which then ignores {@code default.client.supplier}.
     */
    @Bean
    StreamsBuilderFactoryBeanConfigurer vlogClientSupplier() {
        return streams -> streams.setClientSupplier(new VLogKafkaClientSupplier());
    }

    @Bean
    KStream<String, String> books(StreamsBuilder builder) {
        KStream<String, String> books = builder.<String, String>stream("chapters")
                .groupByKey()
                .aggregate(() -> "", (title, chapter, book) -> book + chapter, Materialized.as("library"))
                .toStream();
        books.to("books");
        return books;
    }
}
