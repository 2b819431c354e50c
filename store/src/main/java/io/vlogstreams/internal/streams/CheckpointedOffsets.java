/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.engine.StoreEngine;
import io.vlogstreams.internal.index.CommitPoint;
import java.io.File;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changelog offset of a store for Kafka Streams before 4.3, which keeps it in {@link StreamsCheckpoint}. Such a
 * Streams neither asks a store for its offset nor commits one to it. It calls {@code flush} and then writes its own
 * offset.
 *
 * <p>The store knows an offset nevertheless, from the batches that restore it and from the transactions of
 * {@code VLogKafkaClientSupplier}. It writes that offset to the file when it is opened. So Streams, which under
 * exactly-once wipes a task without offsets, finds one even after the process was killed.
 *
 * @param storeName for messages
 * @param taskFolder the folder of the store's task
 * @param changelog the topic and partition the store is restored from; null if there is nothing to do here: since 4.3,
 *     for a global store, and for one that is not logged
 * @param exactlyOnce whether Streams wipes a task without offsets
 */
record CheckpointedOffsets(
        String storeName, File taskFolder, @Nullable TopicPartition changelog, boolean exactlyOnce) {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointedOffsets.class);

    static CheckpointedOffsets of(String storeName, StateStoreContext context) {
        boolean keptHere = !RuntimeFeatures.storesKeepOffsets() && !Guarantee.isGlobal(context.taskId());
        return new CheckpointedOffsets(
                storeName,
                context.stateDir(),
                keptHere ? KafkaInternals.changelogPartition(context, storeName) : null,
                Guarantee.of(context).wipesWithoutOffset());
    }

    /** Tells the transaction which partition is the changelog, because this Streams does not. */
    void tell(StoreTransaction transaction) {
        if (changelog != null) {
            transaction.knowChangelog(changelog);
        }
    }

    /** Corrects the file for this store, before Streams reads it. */
    void handOver(StoreEngine engine) throws IOException {
        if (changelog == null) {
            return;
        }
        StreamsCheckpoint file = new StreamsCheckpoint(taskFolder);
        Map<String, Long> entries = file.read();
        String entry = changelog.topic() + " " + changelog.partition();
        Long told = entries.get(entry);
        Long toTell = offsetToTell(engine, told);
        if (toTell == null) {
            adopt(engine, told);
        } else if (!toTell.equals(told)) {
            entries.put(entry, toTell);
            file.write(entries);
        }
    }

    /** Returns the offset that Streams should use, or null if that is its own. */
    private @Nullable Long offsetToTell(StoreEngine engine, @Nullable Long told) {
        Long known = engine.offsets().get(Objects.requireNonNull(changelog).toString());
        if (!engine.written()) {
            return offsetOfNothing(told);
        }
        boolean isKnown = known != null && known != CommitPoint.UNKNOWN_OFFSET;
        // Under at-least-once Streams' own offset does as well, because the store may be ahead of it.
        return isKnown && (exactlyOnce || told == null) ? known : null;
    }

    /** Has an empty store restored as a whole, without the rest of its task. */
    private @Nullable Long offsetOfNothing(@Nullable Long told) {
        if (told != null && told != CommitPoint.UNKNOWN_OFFSET) {
            LOG.warn(
                    "Store {} is new and holds nothing, so it does not take over offset {} of {}; it will be restored from"
                            + " the beginning of its changelog",
                    storeName,
                    told,
                    changelog);
        }
        return told != null || exactlyOnce ? CommitPoint.UNKNOWN_OFFSET : null;
    }

    /**
     * Keeps in the store the offset of its last flush, because under exactly-once Streams deletes the file after
     * reading it.
     */
    private void adopt(StoreEngine engine, @Nullable Long told) throws IOException {
        if (exactlyOnce && engine.written() && told != null) {
            Map<String, Long> offsets = new HashMap<>(engine.offsets());
            offsets.put(Objects.requireNonNull(changelog).toString(), told);
            engine.commit(offsets, engine.commitPoint().position());
        }
    }

    /**
     * Commits and waits for the disk, as Streams does for the offset that it writes next: after a power failure the
     * offset must not be ahead of its store. Streams does not pass the offset on, so from here on it is the one in the
     * file.
     *
     * @param confirmed whether the writes are known to be committed
     */
    @Nullable
    Void flush(StoreEngine engine, byte[] position, boolean confirmed) throws IOException {
        Map<String, Long> offsets = new HashMap<>(engine.offsets());
        if (changelog != null && engine.holdsUncommitted()) {
            offsets.put(changelog.toString(), CommitPoint.UNKNOWN_OFFSET);
        }
        if (confirmed) {
            engine.commit(offsets, position);
        } else {
            engine.commitUnconfirmed(offsets, position);
        }
        engine.sync();
        return null;
    }
}
