/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares the cost of idle stores with little data with that of as many of Kafka's own; each kind in its own process.
 */
@Timeout(600)
class IdleStoresTest {

    private static final int STORES = 25;

    @TempDir
    private Path folder;

    private record Cost(long diskBytes, long heapBytes, int threads) {}

    @Test
    @EnabledOnOs(OS.LINUX) // the blocks that are allocated are what `du` says
    void idleStoresTakeNoMoreDiskHeapAndThreadsThanKafkas() throws Exception {
        Cost kafka = cost("kafka");
        Cost ours = cost("ours");
        assertThat(ours.diskBytes).as("disk: %s, Kafka's %s", ours, kafka).isLessThanOrEqualTo(kafka.diskBytes);
        // The heap after a collection varies by some KiB per store.
        assertThat(ours.heapBytes).as("heap: %s, Kafka's %s", ours, kafka).isLessThan(kafka.heapBytes * 3 / 2);
        assertThat(ours.threads).as("threads: %s, Kafka's %s", ours, kafka).isLessThanOrEqualTo(kafka.threads);
    }

    /** Measures {@link #STORES} stores, each with ten values of up to 4 KiB. */
    private Cost cost(String kind) throws IOException, InterruptedException {
        Path state = Files.createDirectories(folder.resolve(kind));
        String output = ChildJava.run(
                Path.of(System.getProperty("java.home")),
                folder,
                List.of("-Xmx1g"),
                IdleStores.class,
                kind,
                state.toString(),
                String.valueOf(STORES));
        String[] cost = output.lines()
                .filter(line -> line.startsWith("cost "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(output))
                .split(" ", 3);
        return new Cost(allocatedBytes(state), Long.parseLong(cost[1]), Integer.parseInt(cost[2]));
    }

    private static long allocatedBytes(Path files) throws IOException, InterruptedException {
        Process du = new ProcessBuilder("du", "-sk", files.toString()).start();
        String output = new String(du.getInputStream().readAllBytes(), US_ASCII);
        assertThat(du.waitFor()).isZero();
        return Long.parseLong(output.split("\\s", 2)[0]) * 1024;
    }
}
