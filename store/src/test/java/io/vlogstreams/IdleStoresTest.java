/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What stores cost that hold little and have nothing to do, beside as many of Kafka's own. */
@Timeout(300)
class IdleStoresTest {

    private static final int STORES = 25;

    /** The first ones load classes and fill what all stores of a process share. */
    private static final int WARM_UP = 4;

    @TempDir
    private Path folder;

    private record Cost(long diskBytes, long heapBytes, int threads) {}

    @Test
    @EnabledOnOs(OS.LINUX) // the blocks that are allocated are what `du` says
    void idleStoresTakeNoMoreDiskHeapAndThreadsThanKafkas() throws Exception {
        Cost kafka = cost("kafka", name -> Stores.persistentKeyValueStore(name).get());
        Cost ours =
                cost("ours", name -> VLogStores.persistentKeyValueStore(name).get());
        assertThat(ours.diskBytes).as("disk: %s, Kafka's %s", ours, kafka).isLessThanOrEqualTo(kafka.diskBytes);
        // What a collection leaves varies by some KiB a store.
        assertThat(ours.heapBytes).as("heap: %s, Kafka's %s", ours, kafka).isLessThan(kafka.heapBytes * 3 / 2);
        assertThat(ours.threads).as("threads: %s, Kafka's %s", ours, kafka).isLessThanOrEqualTo(kafka.threads);
    }

    /** Of {@link #STORES} stores, with ten values of up to 4 KiB in each. */
    private Cost cost(String kind, Function<String, KeyValueStore<Bytes, byte[]>> supplier) throws Exception {
        List<KeyValueStore<Bytes, byte[]>> stores = new ArrayList<>();
        try {
            for (int i = 0; i < WARM_UP; i++) {
                stores.add(open(kind, i, supplier));
            }
            long heapBefore = usedHeap();
            int threadsBefore = threads();
            for (int i = WARM_UP; i < WARM_UP + STORES; i++) {
                stores.add(open(kind, i, supplier));
            }
            long heap = usedHeap() - heapBefore;
            int threads = Math.max(0, threads() - threadsBefore);
            return new Cost(allocatedBytes(folder.resolve(kind)), heap, threads);
        } finally {
            stores.forEach(KeyValueStore::close);
        }
    }

    private KeyValueStore<Bytes, byte[]> open(
            String kind, int number, Function<String, KeyValueStore<Bytes, byte[]>> supplier) throws IOException {
        Path taskFolder = Files.createDirectories(folder.resolve(kind).resolve("0_" + number));
        Map<String, Object> properties = Map.of("application.id", "application", "bootstrap.servers", "none:1");
        KeyValueStore<Bytes, byte[]> store = supplier.apply("store");
        store.init(new FakeStateStoreContext(taskFolder, properties, new TaskId(0, number)), store);
        for (int i = 0; i < 10; i++) {
            store.put(Bytes.wrap(("key-" + i).getBytes(US_ASCII)), new byte[i * 400]);
        }
        store.commit(Map.of());
        return store;
    }

    private static long usedHeap() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Without those of the cleanup, which all stores share and which end when there is nothing to do. */
    private static int threads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("vlog-"))
                .count();
    }

    private static long allocatedBytes(Path files) throws IOException, InterruptedException {
        Process du = new ProcessBuilder("du", "-sk", files.toString()).start();
        String output = new String(du.getInputStream().readAllBytes(), US_ASCII);
        assertThat(du.waitFor()).isZero();
        return Long.parseLong(output.split("\\s", 2)[0]) * 1024;
    }
}
