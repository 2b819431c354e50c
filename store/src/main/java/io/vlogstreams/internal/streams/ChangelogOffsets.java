/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.index.CommitPoint;
import java.io.File;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Kafka Streams commits to a store, turned into the offsets the store is to know: an empty map forgets all, a null
 * offset that of its partition.
 *
 * @param storeName for messages
 * @param taskFolder the folder of the store's task
 * @param global whether the store is a global one
 * @param written whether the store was ever put to or restored
 */
record ChangelogOffsets(String storeName, File taskFolder, boolean global, boolean written) {

    private static final Logger LOG = LoggerFactory.getLogger(ChangelogOffsets.class);

    /** The offset of the last record of each partition. */
    static Map<String, Long> lastOf(Collection<ConsumerRecord<byte[], byte[]>> records) {
        Map<TopicPartition, Long> last = new HashMap<>();
        records.forEach(record -> last.put(new TopicPartition(record.topic(), record.partition()), record.offset()));
        // Not a name for each record: there are a thousand, mostly of one partition.
        Map<String, Long> named = new HashMap<>();
        last.forEach((each, offset) -> named.put(each.toString(), offset));
        return named;
    }

    /** The offsets after a commit. */
    Map<String, Long> after(Map<String, Long> before, Map<TopicPartition, Long> changes) {
        Map<String, Long> after = changes.isEmpty() ? new HashMap<>() : new HashMap<>(before);
        changes.forEach((partition, offset) -> {
            // An offset that is known already comes back at each commit until the store is written to.
            if (offset != null && (offset.equals(before.get(partition.toString())) || isCredible(partition, offset))) {
                after.put(partition.toString(), offset);
            } else {
                after.remove(partition.toString());
            }
        });
        return after;
    }

    /**
     * A store into which nothing was ever put or restored cannot have come to an offset by itself. Such an offset comes
     * from the checkpoint file of an older Kafka Streams, and if that file speaks of a store of another kind that had this
     * name, believing it would lose the data.
     *
     * <p>A global store can: its offset is the next to read, which Streams also commits when it has found nothing to read.
     */
    private boolean isCredible(TopicPartition partition, long offset) {
        boolean credible = written
                || offset == CommitPoint.UNKNOWN_OFFSET
                || LegacyCheckpoint.standsAlone(taskFolder)
                || (global && !LegacyCheckpoint.exists(taskFolder));
        if (!credible) {
            LOG.warn(
                    "Store {} is new and holds nothing, so it does not take over offset {} of {}; it will be restored from"
                            + " the beginning of its changelog",
                    storeName,
                    offset,
                    partition);
        }
        return credible;
    }
}
