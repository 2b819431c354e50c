/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static io.vlogstreams.broker.BrokerAnswer.get;
import static org.awaitility.Awaitility.await;

import io.vlogstreams.examples.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** An embedded broker that outlives the killed applications, with queries about them. */
final class KillBroker implements AutoCloseable {

    /** The largest value, the overhead of an aggregate, and Kafka's framing. */
    static final int RECORD_BYTES_MAX = 2 << 20;

    private final EmbeddedKafka kafka;
    private final Admin admin;

    private KillBroker(EmbeddedKafka kafka) {
        this.kafka = kafka;
        this.admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()));
    }

    static KillBroker start(Path folder) {
        return new KillBroker(EmbeddedKafka.start(
                folder,
                Map.of(
                        "message.max.bytes",
                        String.valueOf(RECORD_BYTES_MAX),
                        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
                        "500")));
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    void createTopics(int partitions, String... names) {
        List<NewTopic> topics = new ArrayList<>();
        for (String name : names) {
            topics.add(new NewTopic(name, partitions, (short) 1));
        }
        get(admin.createTopics(topics).all());
        // Waits until every partition has a leader: a producer that comes earlier can lose its sequence.
        for (String name : names) {
            awaitLeaders(name);
        }
    }

    /** Waits for the leaders, because a part of the broker does not know a new topic for a moment. */
    private void awaitLeaders(String topic) {
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> endOffsets(topic));
    }

    void deleteTopics(Collection<String> names) {
        get(admin.deleteTopics(names).all());
    }

    Collection<String> topics() {
        return get(admin.listTopics().names());
    }

    Map<TopicPartition, Long> endOffsets(String topic) {
        int partitions = get(admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .partitions()
                .size();
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        IntStream.range(0, partitions)
                .forEach(partition -> latest.put(new TopicPartition(topic, partition), OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        get(admin.listOffsets(latest).all()).forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    /** Returns whether the application has processed and committed all records of the topics. */
    boolean hasProcessed(String applicationId, String... topics) {
        Map<TopicPartition, OffsetAndMetadata> committed = get(
                admin.listConsumerGroupOffsets(applicationId, new ListConsumerGroupOffsetsOptions().requireStable(true))
                        .partitionsToOffsetAndMetadata());
        for (String topic : topics) {
            for (Map.Entry<TopicPartition, Long> end : endOffsets(topic).entrySet()) {
                OffsetAndMetadata next = committed.get(end.getKey());
                if (end.getValue() != (next == null ? 0 : next.offset())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Returns the transactional ids of the application's producers. */
    List<String> transactionalIds(String applicationId) {
        return get(admin.listTransactions().all()).stream()
                .map(transaction -> transaction.transactionalId())
                .filter(id -> id.startsWith(applicationId))
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        admin.close();
        kafka.close();
    }
}
