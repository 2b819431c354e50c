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

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.Test;

/** A second instance joins while the first one processes, and the first one leaves while both do. */
class RebalanceIT extends BrokerTest {

    private static final int KEYS = 50;
    private static final int PER_STAGE = 400;

    private String input;
    private int sent;

    @Test
    void underExactlyOnceEveryRecordCountsOnce() {
        input = topic("input", 4);
        rebalance(() -> Topologies.counts(input), EXACTLY_ONCE_V2, this::expectedCounts);
    }

    @Test
    void underAtLeastOnceEveryKeyHasItsNewestValue() {
        input = topic("input", 4);
        rebalance(() -> Topologies.documents(input, StoreFormat.TIMESTAMPED), AT_LEAST_ONCE, this::expectedDocuments);
    }

    private void rebalance(
            Supplier<Topology> topology, String guarantee, Function<Integer, Map<String, Payload>> expected) {
        App first = app(topology, guarantee(guarantee), folder.resolve("first")).start();
        send();
        App second =
                app(topology, guarantee(guarantee), folder.resolve("second")).launch();
        await("the second instance to have something to do").atMost(PATIENCE).until(() -> {
            send();
            second.checkAlive();
            return second.streams().metadataForLocalThreads().stream()
                    .anyMatch(thread -> !thread.activeTasks().isEmpty());
        });
        first.awaitRunning();
        second.awaitRunning();
        send();
        awaitProcessed(input);
        Map<String, Payload> both = new HashMap<>(first.contents(STORE));
        both.putAll(second.contents(STORE));
        assertThat(second.contents(STORE)).isNotEmpty();
        assertThat(both).isEqualTo(expected.apply(sent));

        send();
        first.close();
        send();
        awaitProcessed(input);
        second.awaitRunning();
        assertThat(second.contents(STORE)).isEqualTo(expected.apply(sent));
        second.close();
        assertThat(Payload.decodeAll(broker.table(changelog(STORE)))).isEqualTo(expected.apply(sent));
    }

    private void send() {
        for (int i = 0; i < PER_STAGE; i++) {
            broker.send(input, key(sent), document(sent).encode());
            sent++;
        }
        broker.flush();
    }

    private static String key(int number) {
        return "key-" + number % KEYS;
    }

    private static Payload document(int number) {
        return new Payload(key(number), number, 100 + number * 37 % 4000);
    }

    private Map<String, Payload> expectedDocuments(int records) {
        Map<String, Payload> expected = new TreeMap<>();
        for (int i = 0; i < records; i++) {
            expected.put(key(i), document(i));
        }
        return expected;
    }

    private Map<String, Payload> expectedCounts(int records) {
        Map<String, Payload> expected = new TreeMap<>();
        for (int i = 0; i < records; i++) {
            expected.merge(
                    key(i), Topologies.count(key(i), 1), (old, one) -> Topologies.count(old.key(), old.version() + 1));
        }
        return expected;
    }
}
