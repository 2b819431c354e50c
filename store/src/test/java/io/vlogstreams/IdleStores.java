/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The child process of {@link IdleStoresTest}. Opens stores, ours or Kafka's own, with little data, and prints their
 * heap bytes and threads, without those that all stores of a process share.
 */
public final class IdleStores {

    /** The first stores load classes and initialize data that all stores of a process share. */
    private static final int WARM_UP = 4;

    private IdleStores() {}

    public static void main(String[] arguments) throws IOException {
        boolean ours = arguments[0].equals("ours");
        Path folder = Path.of(arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        List<KeyValueStore<Bytes, byte[]>> stores = new ArrayList<>();
        for (int i = 0; i < WARM_UP; i++) {
            stores.add(open(ours, folder, i));
        }
        long heapBefore = usedHeap();
        int threadsBefore = threads();
        for (int i = WARM_UP; i < WARM_UP + count; i++) {
            stores.add(open(ours, folder, i));
        }
        long heap = usedHeap() - heapBefore;
        System.out.println("cost " + heap + " " + (threads() - threadsBefore));
        // Not closed: the test measures the files of open stores.
        Runtime.getRuntime().halt(stores.size() == WARM_UP + count ? 0 : 1);
    }

    private static KeyValueStore<Bytes, byte[]> open(boolean ours, Path folder, int number) throws IOException {
        Path taskFolder = Files.createDirectories(folder.resolve("0_" + number));
        Map<String, Object> properties = Map.of("application.id", "application", "bootstrap.servers", "none:1");
        KeyValueStore<Bytes, byte[]> store =
                (ours ? VLogStores.persistentKeyValueStore("store") : Stores.persistentKeyValueStore("store")).get();
        store.init(new FakeStateStoreContext(taskFolder, properties, new TaskId(0, number)), store);
        for (int i = 0; i < 10; i++) {
            store.put(Bytes.wrap(("key-" + i).getBytes(US_ASCII)), new byte[i * 400]);
        }
        KafkaOnClassPath.commit(store);
        return store;
    }

    private static long usedHeap() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Counts the threads without those of the cleanup, which all stores share and which end when they are idle. */
    private static int threads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("vlog-"))
                .count();
    }
}
