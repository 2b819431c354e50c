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
 * What Kafka Streams commits to a store, turned into the offsets the store is to know: an empty map forgets all, a null
 * offset that of its partition.
 *
 * @param storeName for messages
 * @param checkpoint what an older Kafka Streams left beside the store, or Streams left for an older one
 * @param guarantee whether the store is a global one, and whether Streams wipes the task of a store that gives no
 *     offset
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

    /** The offsets after a commit. */
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
     * The file may be newer than the store, which then lacks what lies between: a backup, or all that a power failure
     * left.
     */
    private long earlier(TopicPartition partition, long ofCheckpoint) {
        Long own = known.get(partition.toString());
        // Kafka Streams 4.0 to 4.2 never tells a store its offset, which is then unknown, see CheckpointedOffsets.
        boolean untold = written && own != null && own == CommitPoint.UNKNOWN_OFFSET;
        return own == null || untold || awaitsAnOffset(partition) ? ofCheckpoint : Math.min(own, ofCheckpoint);
    }

    /**
     * Whether the store has been there all the time and came to nothing, so that Streams itself left its offset
     * unknown. If a file speaks of one all the same, somebody has put it there.
     */
    private boolean awaitsAnOffset(TopicPartition partition) {
        Long own = known.get(partition.toString());
        return blank && !written && own != null && own == CommitPoint.UNKNOWN_OFFSET && checkpoint.isByHand();
    }

    /**
     * A store into which nothing was ever put or restored cannot have come to an offset by itself. Such an offset comes
     * from a checkpoint file, which then speaks of another store: one of another kind that had this name, or one of
     * ours whose folder was deleted. To believe it would lose the data.
     *
     * <p>A global store can: its offset is the next to read, which Streams also commits when it has found nothing to
     * read.
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

    /** Whether the store is a global one, and a partition of these cannot be read from where the store has come to. */
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
     * Whether the store knows offsets, but none of the one partition that it is to be restored from, and would be
     * restored over what it holds.
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
