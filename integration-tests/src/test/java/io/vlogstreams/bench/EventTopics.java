/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import static io.vlogstreams.broker.BrokerAnswer.get;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;

/** Sends events to {@link DocumentTopology} and receives heads from it. One thread sends, one receives. */
final class EventTopics implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Producer<Integer, byte[]> producer;
    private final KafkaConsumer<Integer, byte[]> consumer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    EventTopics(String bootstrapServers) {
        try (Admin admin = Admin.create(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
            get(admin.createTopics(List.of(
                            new NewTopic(DocumentTopology.EVENTS, 1, (short) 1),
                            new NewTopic(DocumentTopology.HEADS, 1, (short) 1)))
                    .all());
        }
        producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                new IntegerSerializer(),
                new ByteArraySerializer());
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new IntegerDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(List.of(new TopicPartition(DocumentTopology.HEADS, 0)));
    }

    /** Sends an event for each of these documents, as fast as possible. */
    void send(Picks picks) {
        picks.forEach(number -> send(number, System.nanoTime()));
        flush();
    }

    /** Sends an event for each of these documents, at this rate per second. */
    void send(Picks picks, int perSecond) {
        long start = System.nanoTime();
        for (int i = 0; i < picks.size(); i++) {
            long due = start + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
            while (System.nanoTime() - due < 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            // The time when it was due, not when it was sent: an event that had to wait waited for the application.
            send(picks.at(i), due);
        }
        flush();
    }

    private void send(int number, long nanos) {
        byte[] event =
                ByteBuffer.allocate(DocumentTopology.EVENT_BYTES).putLong(nanos).array();
        // The callback keeps a failure, and flush checks it.
        var unused =
                producer.send(new ProducerRecord<>(DocumentTopology.EVENTS, number, event), (metadata, exception) -> {
                    if (exception != null) {
                        failure.compareAndSet(null, exception);
                    }
                });
    }

    private void flush() {
        producer.flush();
        if (failure.get() != null) {
            throw new IllegalStateException("events could not be sent", failure.get());
        }
    }

    /**
     * Receives that many heads.
     *
     * @param sentNanos gets, for every head that arrives, the time when its event was sent
     */
    void receive(int count, LongConsumer sentNanos) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int received = 0;
        while (received < count) {
            for (ConsumerRecord<Integer, byte[]> head : consumer.poll(Duration.ofMillis(100))) {
                sentNanos.accept(DocumentTopology.sentNanos(head.value()));
                received++;
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("only " + received + " of " + count + " events came through");
            }
        }
        if (received > count) {
            throw new IllegalStateException(received + " heads of " + count + " events");
        }
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}
