/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.api.ProcessingContext;

/**
 * Runs the cleanup of a task's VLog stores on the thread of the task. Stores are looked up at every run: a task that is
 * revived opens new ones.
 */
final class CleanupPunctuator implements Punctuator {

    private final File taskFolder;
    private final Set<String> storeNames;

    private CleanupPunctuator(File taskFolder, Set<String> storeNames) {
        this.taskFolder = taskFolder;
        this.storeNames = storeNames;
    }

    /**
     * Schedules the cleanup of the named stores, or of all VLog stores of the task if there is no name.
     *
     * @throws StreamsException if a name is not that of an open VLog store of this task
     */
    static void schedule(ProcessingContext context, Set<String> storeNames) {
        CleanupPunctuator punctuator = new CleanupPunctuator(context.stateDir(), storeNames);
        for (String storeName : storeNames) {
            if (OpenStores.find(context.stateDir(), storeName) == null) {
                throw new StreamsException("Cleanup of store " + storeName + ": task " + context.taskId()
                        + " has no VLog store of that name. Give the name of a VLog store, and connect the cleanup"
                        + " processor to it so that both are in the same task.");
            }
        }
        long intervalMs = punctuator.stores().stream()
                .mapToLong(store -> store.config().cleanupIntervalMs())
                .min()
                .orElseThrow(() -> new StreamsException("Cleanup: task " + context.taskId()
                        + " has no VLog store. Connect the cleanup processor to the stores it is for."));
        context.schedule(Duration.ofMillis(intervalMs), PunctuationType.WALL_CLOCK_TIME, punctuator);
    }

    @Override
    public void punctuate(long timestamp) {
        stores().forEach(VLogKeyValueStore::cleanUp);
    }

    private Collection<VLogKeyValueStore> stores() {
        if (storeNames.isEmpty()) {
            return OpenStores.all(taskFolder);
        }
        List<VLogKeyValueStore> stores = new ArrayList<>();
        for (String storeName : storeNames) {
            VLogKeyValueStore store = OpenStores.find(taskFolder, storeName);
            if (store != null) {
                stores.add(store);
            }
        }
        return stores;
    }
}
