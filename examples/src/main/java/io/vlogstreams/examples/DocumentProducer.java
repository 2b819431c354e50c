/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends versions of documents and keeps account of them. The producer's buffer bounds the memory: a send waits when the
 * broker is too slow. Not thread-safe.
 */
final class DocumentProducer implements AutoCloseable {
    private static final int MIN_BUFFER_BYTES = 32 << 20;

    private final String topic;
    private final SentDocuments sent;
    private final KafkaProducer<String, byte[]> producer;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    DocumentProducer(String bootstrapServers, String topic, int maxRecordBytes, SentDocuments sent) {
        this.topic = topic;
        this.sent = sent;
        var config = new HashMap<>(limits(maxRecordBytes));
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        this.producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /** Returns the settings for a producer of values of up to that many bytes, including that of Kafka Streams. */
    static Map<String, Object> limits(int maxRecordBytes) {
        int requestBytes = maxRecordBytes + Cluster.RECORD_OVERHEAD_BYTES;
        return Map.of(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, requestBytes, ProducerConfig.BUFFER_MEMORY_CONFIG, (long)
                Math.max(MIN_BUFFER_BYTES, 2 * requestBytes));
    }

    /** Sends a new version of a document. */
    void put(String key, byte[] content) {
        send(key, content);
        sent.put(key, content);
    }

    /** Sends the deletion of a document. */
    void delete(String key) {
        send(key, null);
        sent.delete(key);
    }

    /** Waits until the broker has all records. */
    void flush() {
        producer.flush();
        checkSent();
    }

    private void send(String key, byte @Nullable [] content) {
        checkSent();
        var unused = producer.send(new ProducerRecord<>(topic, key, content), (metadata, exception) -> {
            if (exception != null) {
                failure.compareAndSet(null, exception);
            }
        });
    }

    private void checkSent() {
        var exception = failure.get();
        if (exception != null) {
            throw new ExampleFailedException("a document could not be sent", exception);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(10));
    }
}
