/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.engine.Write;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.query.Position;

/**
 * A batch of changelog records, converted for the store.
 *
 * @param writes the writes in the order of the changelog
 * @param lastOffsets the offset of the last record of each partition
 * @param reached the position of the store after the batch
 */
record RestoredBatch(List<Write> writes, Map<String, Long> lastOffsets, Position reached) {

    /**
     * Converts records.
     *
     * @param before the position of the store before the batch
     * @param withPositions whether changelog records carry the position of the store that wrote them
     */
    static RestoredBatch of(
            Collection<ConsumerRecord<byte[], byte[]>> records, Position before, boolean withPositions) {
        List<Write> writes = new ArrayList<>(records.size());
        Position reached = before.copy();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            writes.add(new Write(record.key(), record.value()));
            if (withPositions) {
                KafkaInternals.mergePosition(record, reached);
            }
        }
        return new RestoredBatch(writes, lastOf(records), reached);
    }

    private static Map<String, Long> lastOf(Collection<ConsumerRecord<byte[], byte[]>> records) {
        Map<TopicPartition, Long> last = new HashMap<>();
        records.forEach(record -> last.put(new TopicPartition(record.topic(), record.partition()), record.offset()));
        // Names are cached, because a batch has a thousand records, mostly of one partition.
        Map<String, Long> named = new HashMap<>();
        last.forEach((each, offset) -> named.put(each.toString(), offset));
        return named;
    }
}
