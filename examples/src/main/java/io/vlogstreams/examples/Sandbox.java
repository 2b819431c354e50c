/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;

/** The environment of a small example: a broker, a producer of strings and a folder, all removed when it is closed. */
final class Sandbox implements AutoCloseable {
    private static final int MAX_RECORD_BYTES = 1 << 20;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final String applicationId;
    private final WorkFolder folder;
    private final Cluster cluster;
    private final KafkaProducer<String, String> producer;

    private Sandbox(String applicationId, WorkFolder folder, Cluster cluster) {
        this.applicationId = applicationId;
        this.folder = folder;
        this.cluster = cluster;
        this.producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer());
    }

    /** Starts a broker, and creates a topic with one partition. */
    static Sandbox open(String applicationId, String topic) {
        var folder = WorkFolder.create(false);
        var cluster = Cluster.embedded(folder.path().resolve("kafka"));
        cluster.createTopic(topic, 1, MAX_RECORD_BYTES);
        return new Sandbox(applicationId, folder, cluster);
    }

    /** Returns the mandatory properties of a Streams application, with strings as keys and values. */
    Properties streamsProperties() {
        var properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrapServers());
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG, folder.path().resolve("state").toString());
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
        return properties;
    }

    void send(String topic, String key, String value) {
        var unused = producer.send(new ProducerRecord<>(topic, key, value));
    }

    /** Waits until the application has processed and committed all records that were sent. */
    void awaitProcessed(String topic) {
        producer.flush();
        Patience.await(
                "the application to process topic " + topic,
                TIMEOUT,
                () -> cluster.progress(applicationId, topic).complete());
    }

    @Override
    public void close() {
        try (folder;
                cluster;
                producer) {
            // Closes them in reverse order.
        }
    }
}
