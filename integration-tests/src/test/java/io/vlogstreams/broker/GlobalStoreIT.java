/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static io.vlogstreams.broker.Topologies.STORE;
import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Global tables and global stores hold committed data, so they open normally after any kind of end. */
class GlobalStoreIT extends BrokerTest {

    private final Map<String, Payload> expected = new TreeMap<>();

    @ParameterizedTest
    @CsvSource({
        AT_LEAST_ONCE + ", GLOBAL_TABLE",
        EXACTLY_ONCE_V2 + ", GLOBAL_TABLE",
        AT_LEAST_ONCE + ", GLOBAL_STORE",
        EXACTLY_ONCE_V2 + ", GLOBAL_STORE"
    })
    void aRestartReadsOnlyWhatIsNew(String guarantee, ChildTopology topology) {
        String input = topic("input", 2);
        write(input, 0, 60);
        App first = app(() -> topology.on(input), guarantee(guarantee)).start();
        write(input, 60, 100);
        awaitContents(first);
        first.close();
        write(input, 100, 120);

        App second = app(() -> topology.on(input), guarantee(guarantee)).start();
        assertThat(second.contents(STORE)).isEqualTo(expected);
        assertThat(second.restored().records(STORE)).isEqualTo(20);
        write(input, 120, 140);
        awaitContents(second);
    }

    @ParameterizedTest
    @CsvSource({EXACTLY_ONCE_V2 + ", GLOBAL_TABLE", EXACTLY_ONCE_V2 + ", GLOBAL_STORE"})
    void afterAKillItOpensAndReadsWhatItLacks(String guarantee, ChildTopology topology, TestReporter reporter) {
        String input = topic("input", 2);
        write(input, 0, 60);
        Path storeFolder = StateFolders.store(StateFolders.task(stateFolder(), applicationId, "global"), STORE);
        Map<String, String> settings = settings(
                with(guarantee(guarantee), Map.of("vlog.threshold.bytes", "0", "vlog.append.buffer.bytes", "1024")),
                stateFolder());
        try (ChildProcess child = ChildProcess.start(topology, input, settings, folder.resolve("child.log"))) {
            awaitBytes(child, storeFolder, 1);
            StateFolders.mark(storeFolder);
            long bytes = StateFolders.vlogBytes(storeFolder);
            write(input, 60, 160);
            awaitBytes(child, storeFolder, bytes + 1_000_000);
            child.kill();
        }

        App again = app(() -> topology.on(input), settings).start();
        assertThat(again.contents(STORE)).isEqualTo(expected);
        assertThat(StateFolders.isMarked(storeFolder))
                .as("the store's folder is still the same")
                .isTrue();
        // Records that were committed after the initial restore are not read again.
        long restored = again.restored().records(STORE);
        reporter.publishEntry("restored after the kill", "%d of 160 records".formatted(restored));
        assertThat(restored).isLessThanOrEqualTo(100);
        write(input, 160, 180);
        awaitContents(again);
    }

    private static void awaitBytes(ChildProcess child, Path storeFolder, long bytes) {
        await(bytes + " bytes in " + storeFolder).atMost(PATIENCE).until(() -> {
            child.checkAlive();
            return StateFolders.vlogBytes(storeFolder) >= bytes;
        });
    }

    private void write(String input, int from, int to) {
        for (int i = from; i < to; i++) {
            String key = "key-" + i % 40;
            if (i % 9 == 5) {
                broker.send(input, key, null);
                expected.remove(key);
            } else {
                Payload payload = Payload.of(key, i);
                broker.send(input, key, payload.encode());
                expected.put(key, payload);
            }
        }
        broker.flush();
    }

    private void awaitContents(App app) {
        await("the global store to have everything").atMost(PATIENCE).untilAsserted(() -> {
            app.checkAlive();
            assertThat(app.contents(STORE)).isEqualTo(expected);
        });
    }
}
