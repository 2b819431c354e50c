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
 * The processing guarantee of a store, and what it means for commits, crashes and restores.
 *
 * @param exactlyOnce whether writes count only if a Kafka transaction has committed them
 * @param transactional whether Streams commits the store after each of its own commits and relies on the store to
 *     discard all other writes: {@code enable.transactional.statestores}, since Kafka 4.4
 * @param global whether the store is global. A global store holds committed records only, so it may keep all writes
 *     after a crash
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

    /** Returns whether the task is the one of the global stores. */
    static boolean isGlobal(TaskId task) {
        return task.subtopology() == -1;
    }

    /** Returns whether uncommitted writes must not be visible after a crash or a close. */
    boolean forgetsUncommitted() {
        return !global && (exactlyOnce || transactional);
    }

    /** Returns whether the store itself has to track which of its writes a Kafka transaction has committed. */
    boolean joinsTransactions() {
        return !global && exactlyOnce && !transactional;
    }

    /** Returns whether Streams commits the store of a running task. Under exactly-once alone it does not. */
    boolean commitsWithStreams() {
        return transactional || global || !exactlyOnce;
    }

    /** Returns whether Streams wipes the task of a store that reports no offset for its changelog. */
    boolean wipesWithoutOffset() {
        return !global && exactlyOnce && !transactional;
    }

    /**
     * Returns whether Streams restores a corrupted task without losing input. Under exactly-once it may lose some, and
     * a global store has no task that could be closed.
     */
    boolean restoresCorruptedTasks() {
        return !global && !exactlyOnce;
    }
}
