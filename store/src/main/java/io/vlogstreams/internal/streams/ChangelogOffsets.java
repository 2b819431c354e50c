/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.index.CommitPoint;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the offsets that Kafka Streams commits to a store into the offsets that the store keeps. An empty map clears
 * all offsets, a null offset clears that of its partition.
 *
 * @param storeName for messages
 * @param checkpoint the file that an older Kafka Streams left beside the store, or that Streams left for an older one
 * @param guarantee whether the store is global, and whether Streams wipes the task of a store that reports no offset
 * @param written whether the store was ever put to or restored
 * @param blank whether no file id was ever used, as it is when a store is emptied
 * @param known the offsets that the store knows
 */
record ChangelogOffsets(
        String storeName,
        LegacyCheckpoint checkpoint,
        Guarantee guarantee,
        boolean written,
        boolean blank,
        Map<String, Long> known) {

    private static final Logger LOG = LoggerFactory.getLogger(ChangelogOffsets.class);

    /** Returns the offsets after a commit. */
    Map<String, Long> after(Map<TopicPartition, Long> changes) {
        Map<String, Long> after = changes.isEmpty() ? new HashMap<>() : new HashMap<>(known);
        changes.forEach((partition, offset) -> {
            // An offset that is known already comes back at each commit until the store is written to.
            Long own = known.get(partition.toString());
            if (offset != null && (offset.equals(own) || isCredible(partition, offset))) {
                after.put(partition.toString(), checkpoint.isBeingHandedOver() ? earlier(partition, offset) : offset);
            } else {
                after.remove(partition.toString());
            }
        });
        return after;
    }

    /**
     * Returns the earlier of the two offsets. The file may be newer than the store, which then lacks the records in
     * between: the store may be a backup, or the remains of a power failure.
     */
    private long earlier(TopicPartition partition, long ofCheckpoint) {
        Long own = known.get(partition.toString());
        // Kafka Streams 4.0 to 4.2 never commits an offset to a store, so it is unknown here, see CheckpointedOffsets.
        boolean untold = written && own != null && own == CommitPoint.UNKNOWN_OFFSET;
        return own == null || untold || awaitsAnOffset(partition) ? ofCheckpoint : Math.min(own, ofCheckpoint);
    }

    /**
     * Returns whether the store existed all the time but holds nothing, so that Streams itself left its offset unknown.
     * If a checkpoint file has an offset for it nevertheless, somebody placed the file there.
     */
    private boolean awaitsAnOffset(TopicPartition partition) {
        Long own = known.get(partition.toString());
        return blank && !written && own != null && own == CommitPoint.UNKNOWN_OFFSET && checkpoint.isByHand();
    }

    /**
     * Returns whether the offset can be that of this store. A store that was never written or restored cannot have
     * reached an offset. Such an offset comes from a checkpoint file, and belongs to another store: one of another kind
     * that had this name, or a VLog store whose folder was deleted. Accepting it would lose data.
     *
     * <p>A global store is different: its offset is the next one to read, which Streams also commits if the topic is
     * empty.
     */
    private boolean isCredible(TopicPartition partition, long offset) {
        boolean credible = written
                || offset == CommitPoint.UNKNOWN_OFFSET
                || checkpoint.isAboutNewStores()
                || awaitsAnOffset(partition)
                || (guarantee.global() && !checkpoint.exists());
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

    /** Returns whether the store is global and its offset is outside the range of one of these partitions. */
    boolean areOutside(Map<TopicPartition, TopicRanges.Range> ranges) {
        boolean outside = false;
        for (Map.Entry<TopicPartition, TopicRanges.Range> each : ranges.entrySet()) {
            Long offset = known.get(each.getKey().toString());
            if (guarantee.global() && offset != null && !each.getValue().reaches(offset)) {
                LOG.warn(
                        "Store {} is at offset {} of {}, which has the offsets {} to {}: the topic was deleted, made anew or cut,"
                                + " or the store's folder is that of another. The store is emptied and restored from the"
                                + " beginning",
                        storeName,
                        offset,
                        each.getKey(),
                        each.getValue().beginning(),
                        each.getValue().end());
                outside = true;
            }
        }
        return outside;
    }

    /**
     * Returns whether the store has offsets, but none of the partition that it is to be restored from. It would
     * otherwise be restored on top of its data.
     */
    boolean areOfAnother(TopicPartition changelog) {
        boolean another = !guarantee.global()
                && !guarantee.wipesWithoutOffset()
                && !known.isEmpty()
                && !known.containsKey(changelog.toString());
        if (another) {
            LOG.warn(
                    "Store {} was filled from {}, and its changelog is now {}. The store is emptied and restored from the"
                            + " beginning",
                    storeName,
                    known.keySet(),
                    changelog);
        }
        return another;
    }
}
