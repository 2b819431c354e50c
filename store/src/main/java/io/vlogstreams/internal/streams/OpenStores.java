/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.io.File;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The open VLog stores of this process, by the folder of their task.
 *
 * <p>A processor gets its store wrapped in internal layers of Kafka Streams. This class lets the cleanup find the store
 * without internal API. A task's folder belongs to one KafkaStreams instance, which holds a lock on it, so the folder
 * distinguishes tasks of the same id in several instances.
 *
 * <p>Thread-safe.
 */
final class OpenStores {

    private static final Map<File, Map<String, VLogKeyValueStore>> BY_TASK_FOLDER = new ConcurrentHashMap<>();

    private OpenStores() {}

    static void add(File taskFolder, VLogKeyValueStore store) {
        BY_TASK_FOLDER.compute(taskFolder.getAbsoluteFile(), (folder, stores) -> {
            Map<String, VLogKeyValueStore> changed = stores == null ? new TreeMap<>() : new TreeMap<>(stores);
            changed.put(store.name(), store);
            return changed;
        });
    }

    static void remove(File taskFolder, VLogKeyValueStore store) {
        BY_TASK_FOLDER.computeIfPresent(taskFolder.getAbsoluteFile(), (folder, stores) -> {
            Map<String, VLogKeyValueStore> changed = new TreeMap<>(stores);
            changed.remove(store.name(), store);
            return changed.isEmpty() ? null : changed;
        });
    }

    /** Returns the VLog store of that name in the task, or null. */
    static @Nullable VLogKeyValueStore find(File taskFolder, String storeName) {
        Map<String, VLogKeyValueStore> stores = BY_TASK_FOLDER.get(taskFolder.getAbsoluteFile());
        return stores == null ? null : stores.get(storeName);
    }

    /** Returns all VLog stores of the task. */
    static Collection<VLogKeyValueStore> all(File taskFolder) {
        Map<String, VLogKeyValueStore> stores = BY_TASK_FOLDER.get(taskFolder.getAbsoluteFile());
        return stores == null ? List.of() : stores.values();
    }
}
