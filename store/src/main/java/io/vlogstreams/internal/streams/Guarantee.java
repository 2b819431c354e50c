/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the application was promised about the writes of a store, and what Kafka Streams does for it.
 *
 * @param exactlyOnce whether writes count only if a Kafka transaction has committed them
 * @param transactional whether Streams commits the store each time that it has committed what the store was written
 *     with, and relies on the store to forget the rest: {@code enable.transactional.statestores}, since Kafka 4.4
 * @param global whether the store is a global one. It holds committed records only, so what it was given before a crash
 *     it may keep
 */
record Guarantee(boolean exactlyOnce, boolean transactional, boolean global) {

    private static final Logger LOG = LoggerFactory.getLogger(Guarantee.class);

    private static final String TRANSACTIONAL_STORES = "enable.transactional.statestores";

    private static final AtomicBoolean WARNED = new AtomicBoolean();

    static Guarantee of(StateStoreContext context) {
        Map<String, Object> properties = context.appConfigs();
        return new Guarantee(
                StreamsConfig.EXACTLY_ONCE_V2.equals(properties.get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG)),
                hasTransactionalStores(properties),
                isGlobal(context.taskId()));
    }

    private static boolean hasTransactionalStores(Map<String, Object> properties) {
        boolean asked = Boolean.parseBoolean(String.valueOf(properties.get(TRANSACTIONAL_STORES)));
        if (asked && !RuntimeFeatures.hasTransactionalStores() && WARNED.compareAndSet(false, true)) {
            LOG.warn(
                    "{} has no effect: it needs Kafka Streams 4.4, and that on the class path is {}",
                    TRANSACTIONAL_STORES,
                    RuntimeFeatures.version());
        }
        return asked && RuntimeFeatures.hasTransactionalStores();
    }

    /** Whether the task is the one that global stores have. */
    static boolean isGlobal(TaskId task) {
        return task.subtopology() == -1;
    }

    /** Whether writes that no commit confirmed must never be seen after a crash or a close. */
    boolean forgetsUncommitted() {
        return !global && (exactlyOnce || transactional);
    }

    /** Whether the store has to find out itself which of its writes a Kafka transaction has committed. */
    boolean joinsTransactions() {
        return !global && exactlyOnce && !transactional;
    }

    /** Whether a commit of its task reaches the store while it is running. Under exactly-once alone it does not. */
    boolean commitsWithStreams() {
        return transactional || global || !exactlyOnce;
    }

    /** Whether Streams wipes the task of a store that gives no offset for its changelog. */
    boolean wipesWithoutOffset() {
        return !global && exactlyOnce && !transactional;
    }

    /**
     * Whether Streams restores a corrupted task without losing input. Under exactly-once it may not, and a global store
     * has no task that could be closed.
     */
    boolean restoresCorruptedTasks() {
        return !global && !exactlyOnce;
    }
}
