/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads changelogs, and does not wait in the first poll after partitions were assigned.
 *
 * <p>Kafka Streams looks whether a store is up to date only after a poll, which waits {@code poll.ms} (100 ms) for records. A
 * store that misses none gets none, so each task would be kept waiting that long for nothing, one after the other.
 *
 * <p>Not thread-safe, as a consumer is.
 */
public final class RestoreConsumer extends KafkaConsumer<byte[], byte[]> {

    private boolean newlyAssigned;

    public RestoreConsumer(Map<String, Object> config) {
        super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void assign(Collection<TopicPartition> partitions) {
        super.assign(partitions);
        newlyAssigned = true;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        Duration wait = newlyAssigned ? Duration.ZERO : timeout;
        newlyAssigned = false;
        return super.poll(wait);
    }
}
