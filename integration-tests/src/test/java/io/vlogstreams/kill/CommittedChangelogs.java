/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The expected content of the stores of an application according to their changelogs, which an independent consumer
 * reads. It reads committed records only, and each time continues where it was. For one thread.
 */
final class CommittedChangelogs implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Consumer<String, byte[]> consumer;
    private final Map<String, String> storeByTopic = new HashMap<>();
    private final StoreContents contents = new StoreContents(new TreeMap<>());
    private long records;

    CommittedChangelogs(String bootstrapServers, String applicationId) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        for (String store : NumbersTopology.STORES) {
            storeByTopic.put(NumbersTopology.changelog(applicationId, store), store);
            contents.byStore().put(store, new TreeMap<>());
        }
        List<TopicPartition> partitions = storeByTopic.keySet().stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads all committed records. */
    StoreContents read() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the changelogs could not be read to their ends " + ends);
            }
            consumer.poll(Duration.ofMillis(100)).forEach(this::apply);
        }
        return contents;
    }

    private void apply(ConsumerRecord<String, byte[]> record) {
        records++;
        Map<String, Fingerprint> store = contents.byStore().get(storeByTopic.get(record.topic()));
        if (record.value() == null) {
            store.remove(record.key());
        } else {
            store.put(record.key(), Fingerprint.of(record.value()));
        }
    }

    /** Returns the number of committed records read so far. */
    long records() {
        return records;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
