/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static io.vlogstreams.broker.BrokerAnswer.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vlogstreams.examples.EmbeddedKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * An embedded broker, with methods for tests: creating, filling and reading topics, and the progress of an application.
 * Thread-safe.
 */
final class Broker implements AutoCloseable {

    /** Enough for values of 1 MiB and everything that Kafka Streams adds to them. */
    static final int RECORD_BYTES_MAX = 4 << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final EmbeddedKafka kafka;
    private final Admin admin;
    private final Producer<String, byte[]> producer;
    private final AtomicReference<Exception> failedSend = new AtomicReference<>();

    private Broker(Path folder) {
        this.folder = folder;
        kafka = EmbeddedKafka.start(folder, Map.of("message.max.bytes", String.valueOf(RECORD_BYTES_MAX)));
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()));
        producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers(),
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        RECORD_BYTES_MAX,
                        ProducerConfig.LINGER_MS_CONFIG,
                        5,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        60_000),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    static Broker start() {
        try {
            return new Broker(Files.createTempDirectory("vlog-broker"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    String createTopic(String name, int partitions) {
        get(admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                .all());
        // Waits until every partition has a leader: a producer that comes earlier can lose its sequence.
        await("the leaders of " + name)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> assertThat(end(name, partitions)).isZero());
        return name;
    }

    /** Sends a record; the broker has it after {@link #flush()}. */
    void send(String topic, String key, byte[] value) {
        // The callback keeps a failure, and the next flush reports it.
        var unused = producer.send(new ProducerRecord<>(topic, key, value), (metadata, exception) -> {
            if (exception != null) {
                failedSend.set(exception);
            }
        });
    }

    void flush() {
        producer.flush();
        if (failedSend.get() != null) {
            throw new AssertionError("a record could not be sent", failedSend.get());
        }
    }

    /** Returns all committed records of a topic, in the order of each partition. */
    List<ConsumerRecord<String, byte[]>> records(String topic) {
        try (Consumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("topic " + topic + " could not be read to its end " + ends);
                }
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    /** Returns the newest value of each key of a topic, without deleted keys. */
    Map<String, byte[]> table(String topic) {
        Map<String, byte[]> table = new TreeMap<>();
        for (ConsumerRecord<String, byte[]> record : records(topic)) {
            if (record.value() == null) {
                table.remove(record.key());
            } else {
                table.put(record.key(), record.value());
            }
        }
        return table;
    }

    /** Returns how many records of a topic an application has processed and committed, by its offsets. */
    long consumed(String applicationId, String topic) {
        Map<TopicPartition, OffsetAndMetadata> committed =
                get(admin.listConsumerGroupOffsets(applicationId).partitionsToOffsetAndMetadata());
        return committed.entrySet().stream()
                .filter(offset -> offset.getKey().topic().equals(topic) && offset.getValue() != null)
                .mapToLong(offset -> offset.getValue().offset())
                .sum();
    }

    /** Deletes a topic and waits until it is gone. */
    void delete(String topic) {
        get(admin.deleteTopics(List.of(topic)).all());
        await(topic + " to be gone")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> !topics().contains(topic));
    }

    /** Deletes a group without members, and its committed offsets. */
    void deleteGroup(String group) {
        await(group + " to be deleted")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> {
                    get(admin.deleteConsumerGroups(List.of(group)).all());
                    return true;
                });
    }

    /** Recreates a topic with these records. */
    void replace(String topic, int partitions, List<ConsumerRecord<String, byte[]>> records) {
        delete(topic);
        createTopic(topic, partitions);
        for (ConsumerRecord<String, byte[]> record : records) {
            var unused = producer.send(
                    new ProducerRecord<>(
                            topic,
                            record.partition(),
                            record.timestamp(),
                            record.key(),
                            record.value(),
                            record.headers()),
                    (metadata, exception) -> {
                        if (exception != null) {
                            failedSend.set(exception);
                        }
                    });
        }
        flush();
    }

    /** Deletes the records of a topic's partitions before these offsets. */
    void deleteRecords(Map<TopicPartition, Long> before) {
        Map<TopicPartition, RecordsToDelete> all = before.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, each -> RecordsToDelete.beforeOffset(each.getValue())));
        get(admin.deleteRecords(all).all());
    }

    /** Sets a property of a topic. */
    void configure(String topic, String property, String value) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry(property, value), AlterConfigOp.OpType.SET);
        get(admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all());
    }

    Set<String> topics() {
        return get(admin.listTopics().names());
    }

    /** Returns the sum of the end offsets of all partitions. */
    long end(String topic) {
        return end(
                topic,
                get(admin.describeTopics(List.of(topic)).allTopicNames())
                        .get(topic)
                        .partitions()
                        .size());
    }

    /** Returns how many records of a topic with one partition belong to an open transaction. */
    long uncommitted(String topic) {
        return end(topic, 1) - end(topic, 1, IsolationLevel.READ_COMMITTED);
    }

    private long end(String topic, int partitions) {
        return end(topic, partitions, IsolationLevel.READ_UNCOMMITTED);
    }

    private long end(String topic, int partitions, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> latest = IntStream.range(0, partitions)
                .boxed()
                .collect(Collectors.toMap(
                        partition -> new TopicPartition(topic, partition), partition -> OffsetSpec.latest()));
        return get(admin.listOffsets(latest, new ListOffsetsOptions(isolation)).all()).values().stream()
                .mapToLong(info -> info.offset())
                .sum();
    }

    @Override
    public void close() throws IOException {
        producer.close();
        admin.close();
        kafka.close();
        Utils.delete(folder.toFile());
    }
}
