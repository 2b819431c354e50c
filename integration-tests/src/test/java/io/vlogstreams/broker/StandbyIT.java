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

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two instances, each with the active store of one partition and the standby of the other, both in this process: four
 * stores of one name.
 */
class StandbyIT extends BrokerTest {

    private static final int KEYS = 60;

    private final Map<String, Payload> expected = new TreeMap<>();

    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void aStandbyTakesOverWithTheRightStateAndRestoresWhatItLacks(String guarantee) {
        String input = topic("input", 2);
        Supplier<Topology> topology = () -> Topologies.documents(input, StoreFormat.TIMESTAMPED);
        Map<String, String> settings = with(
                guarantee(guarantee),
                Map.of(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, "1", "vlog.file.bytes.max", "1048576"));
        App first = app(topology, settings, folder.resolve("first")).launch();
        App second = app(topology, settings, folder.resolve("second")).launch();
        awaitTasks(first, 1, 1);
        awaitTasks(second, 1, 1);
        write(input, 0, 150);
        awaitProcessed(input);
        awaitContents(first);
        awaitContents(second);

        // The standby has everything: nothing is left to restore.
        long restoredBefore = second.restored().records(STORE);
        first.close();
        awaitTasks(second, 2, 0);
        second.awaitRunning();
        assertThat(second.contents(STORE)).isEqualTo(expected);
        assertThat(second.restored().records(STORE) - restoredBefore).isZero();
        write(input, 150, 200);
        awaitProcessed(input);
        assertThat(second.contents(STORE)).isEqualTo(expected);

        // The first restarts with its state, and the second stops at full speed.
        App firstAgain = app(topology, settings, folder.resolve("first")).start();
        awaitTasks(firstAgain, 1, 1);
        assertThat(firstAgain.restored().records(STORE)).isLessThanOrEqualTo(50);
        write(input, 200, 300);
        second.close();
        awaitTasks(firstAgain, 2, 0);
        firstAgain.awaitRunning();
        awaitProcessed(input);
        assertThat(firstAgain.contents(STORE)).isEqualTo(expected);
        assertThat(Payload.decodeAll(broker.table(changelog(STORE)))).isEqualTo(expected);
    }

    private void write(String input, int from, int to) {
        for (int i = from; i < to; i++) {
            String key = "key-" + i * 31 % KEYS;
            if (i % 7 == 3) {
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

    private static void awaitTasks(App app, int active, int standby) {
        await("%d active and %d standby tasks".formatted(active, standby))
                .atMost(PATIENCE)
                .untilAsserted(() -> {
                    app.checkAlive();
                    assertThat(app.streams().metadataForLocalThreads().stream()
                                    .map(ThreadMetadata::activeTasks)
                                    .mapToInt(tasks -> tasks.size())
                                    .sum())
                            .isEqualTo(active);
                    assertThat(app.streams().metadataForLocalThreads().stream()
                                    .map(ThreadMetadata::standbyTasks)
                                    .mapToInt(tasks -> tasks.size())
                                    .sum())
                            .isEqualTo(standby);
                });
    }

    private void awaitContents(App app) {
        await("active and standby stores to have everything")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(App.contents(app.storeOrStandby(STORE))).isEqualTo(expected));
    }
}
