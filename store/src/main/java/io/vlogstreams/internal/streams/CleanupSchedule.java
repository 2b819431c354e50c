/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessingContext;

/**
 * The punctuators of one processor, from its {@code init} to its {@code close}. There is one for each store, which
 * wakes the store's cleanup every {@code vlog.cleanup.interval.ms}.
 *
 * <p>A store has one schedule at a time: that of the first processor of the task that asks for it. The others schedule
 * nothing for that store. All processors of a task are closed together, so none needs to take over.
 *
 * <p>For one thread: that of the task.
 */
final class CleanupSchedule {

    /** The schedule of a processor that is not open. */
    static final CleanupSchedule NONE = new CleanupSchedule();

    private final Map<VLogKeyValueStore, Cancellable> punctuators = new HashMap<>();

    private CleanupSchedule() {}

    /**
     * Schedules the named stores, or all VLog stores of the task if there is no name.
     *
     * @throws StreamsException if a name is not that of an open VLog store of this task, or if the task has no VLog
     *     store
     */
    static CleanupSchedule ofNamed(ProcessingContext context, Set<String> storeNames) {
        for (String storeName : storeNames) {
            if (OpenStores.find(context.stateDir(), storeName) == null) {
                throw new StreamsException("Cleanup of store " + storeName + ": task " + context.taskId()
                        + " has no VLog store of that name. Give the name of a VLog store, and connect the cleanup"
                        + " processor to it so that both are in the same task.");
            }
        }
        Collection<VLogKeyValueStore> stores = OpenStores.all(context.stateDir());
        if (stores.isEmpty()) {
            throw new StreamsException("Cleanup: task " + context.taskId()
                    + " has no VLog store. Connect the cleanup processor to the stores it is for.");
        }
        CleanupSchedule schedule = new CleanupSchedule();
        for (VLogKeyValueStore store : stores) {
            if (storeNames.isEmpty() || storeNames.contains(store.name())) {
                schedule.add(context, store);
            }
        }
        return schedule;
    }

    /**
     * Schedules the VLog stores that the processor is connected to, if any. They are known only now, because stores can
     * be connected by name after the processor was added to the topology.
     */
    static CleanupSchedule ofConnected(ProcessingContext context) {
        // The processors of global stores have no punctuators. Kafka Streams 4.3 does not wrap them; a later one may.
        if (Guarantee.isGlobal(context.taskId())) {
            return NONE;
        }
        CleanupSchedule schedule = new CleanupSchedule();
        for (VLogKeyValueStore store : OpenStores.all(context.stateDir())) {
            if (isConnected(context, store)) {
                schedule.add(context, store);
            }
        }
        return schedule;
    }

    private static boolean isConnected(ProcessingContext context, VLogKeyValueStore store) {
        try {
            return context.getStateStore(store.name()) != null;
        } catch (StreamsException e) {
            // Kafka Streams throws this for a processor that is not connected; there is no other way to find out.
            return false;
        }
    }

    private void add(ProcessingContext context, VLogKeyValueStore store) {
        if (store.takeCleanup(this)) {
            Duration interval = Duration.ofMillis(store.config().cleanupIntervalMs());
            punctuators.put(
                    store, context.schedule(interval, PunctuationType.WALL_CLOCK_TIME, timestamp -> store.cleanUp()));
        }
    }

    /**
     * Cancels the punctuators. A task that is suspended and resumed, or revived, keeps the punctuators of its
     * processors and then schedules new ones, so they have to be cancelled.
     */
    void end() {
        punctuators.forEach((store, punctuator) -> {
            punctuator.cancel();
            store.leaveCleanup(this);
        });
        punctuators.clear();
    }
}
