/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.StreamsConfig.InternalConfig;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.ChangelogRecordDeserializationHelper;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorContextUtils;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.apache.kafka.streams.processor.internals.RecordCollector;
import org.apache.kafka.streams.processor.internals.RecordCollectorImpl;
import org.apache.kafka.streams.processor.internals.StreamsProducer;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.internals.BlockBasedTableConfigWithAccessibleCache;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only class that uses internal classes of Kafka Streams. When Kafka makes these public, or changes them, only this
 * class changes. They are needed for the following:
 *
 * <ul>
 *   <li>The public restore callback passes keys and values only. A restored batch needs the offset of its last record,
 *       to be committed together with it, and a standby needs the headers, which carry its position.
 *   <li>No public method returns the topic for which keys are serialized, or whether a store has a changelog.
 *   <li>A {@code rocksdb.config.setter} expects the class of table settings that Kafka's own store passes.
 *   <li>Streams does not tell a transactional store whether a transaction has failed.
 * </ul>
 */
final class KafkaInternals {

    private KafkaInternals() {}

    /** Restores changelog records with their offsets and headers. */
    interface RecordRestore {
        void restore(Collection<ConsumerRecord<byte[], byte[]>> records);
    }

    static StateRestoreCallback restoreCallback(RecordRestore restore) {
        return (RecordBatchingStateRestoreCallback) restore::restore;
    }

    /** Returns the topic for which the layers above serialize the keys of a store. */
    static String changelogOf(StateStoreContext context, String storeName) {
        return ProcessorContextUtils.changelogFor(context, storeName, false);
    }

    /** Creates table settings of the class that a {@code rocksdb.config.setter} may cast to, to access the cache. */
    static BlockBasedTableConfig newTableConfig() {
        return new BlockBasedTableConfigWithAccessibleCache();
    }

    /** Returns the partition that a store is restored from, or null if it is not logged. */
    static @Nullable TopicPartition changelogPartition(StateStoreContext context, String storeName) {
        String topic = context instanceof InternalProcessorContext<?, ?> internal
                ? internal.changelogFor(storeName)
                : changelogOf(context, storeName);
        return topic == null ? null : new TopicPartition(topic, context.taskId().partition());
    }

    /** Returns the same, or null if the context does not say whether the store is logged. */
    static @Nullable TopicPartition knownChangelog(StateStoreContext context, String storeName) {
        return context instanceof InternalProcessorContext<?, ?> ? changelogPartition(context, storeName) : null;
    }

    /**
     * Returns whether the transaction of the context's thread is open. After a commit by Streams that means that it has
     * failed. Returns false if the state of the transaction is unknown.
     */
    static boolean isInTransaction(StateStoreContext context) {
        return context instanceof RecordCollector.Supplier supplier
                && OpenTransactions.areIn(supplier.recordCollector());
    }

    /** Reads the state of the transaction by reflection, because Streams has no method for it. */
    private static final class OpenTransactions {

        private static final Logger LOG = LoggerFactory.getLogger(OpenTransactions.class);
        private static final @Nullable Field PRODUCER = producer();
        private static final @Nullable Method IN_FLIGHT = inFlight();

        private static @Nullable Field producer() {
            try {
                Field producer = RecordCollectorImpl.class.getDeclaredField("streamsProducer");
                producer.setAccessible(true);
                return producer;
            } catch (ReflectiveOperationException | RuntimeException e) {
                warn(e);
                return null;
            }
        }

        private static @Nullable Method inFlight() {
            try {
                Method inFlight = StreamsProducer.class.getDeclaredMethod("transactionInFlight");
                inFlight.setAccessible(true);
                return inFlight;
            } catch (ReflectiveOperationException | RuntimeException e) {
                warn(e);
                return null;
            }
        }

        private static void warn(Exception e) {
            LOG.warn(
                    "With Kafka Streams {} nothing tells whether a transaction has failed, so every commit of Streams is believed",
                    RuntimeFeatures.version(),
                    e);
        }

        /** The collector is null for a task that does not process. */
        static boolean areIn(@Nullable RecordCollector collector) {
            Field producer = PRODUCER;
            Method inFlight = IN_FLIGHT;
            if (producer == null || inFlight == null || !(collector instanceof RecordCollectorImpl)) {
                return false;
            }
            try {
                return (Boolean) inFlight.invoke(producer.get(collector));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("the state of the transaction cannot be read", e);
            }
        }
    }

    /** Returns whether changelog records carry the position of the store that wrote them. */
    static boolean changelogCarriesPositions(Map<String, Object> streamsProperties) {
        return InternalConfig.getBoolean(streamsProperties, InternalConfig.IQ_CONSISTENCY_OFFSET_VECTOR_ENABLED, false);
    }

    /** Merges the position that a changelog record carries, if any, into the given one. */
    static void mergePosition(ConsumerRecord<byte[], byte[]> record, Position position) {
        ChangelogRecordDeserializationHelper.applyChecksAndUpdatePosition(record, true, position);
    }
}
