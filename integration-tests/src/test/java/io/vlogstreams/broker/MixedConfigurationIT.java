/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static io.vlogstreams.broker.Topologies.STORE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.VLogKafkaClientSupplier;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

/**
 * Two applications in one process, of which only one has the client supplier. The other behaves as it would alone.
 */
class MixedConfigurationIT extends BrokerTest {

    private static final int KEYS = 30;

    private final Map<String, Payload> expected = new TreeMap<>();
    private String input;

    @Test
    void anApplicationWithoutTheSupplierCommitsBesideOneThatHasIt() {
        input = topic("input", 2);
        for (int round = 1; round <= 3; round++) {
            App with = start("with");
            App without = start("without");
            check(with);
            check(without);
            // After a clean close each store knows its offset.
            assertThat(with.restored().records(STORE)).isZero();
            assertThat(without.restored().records(STORE)).isZero();
            send();
            check(with);
            check(without);
            with.close();
            without.close();
        }
    }

    private App start(String kind) {
        Map<String, String> settings = with(
                guarantee(EXACTLY_ONCE_V2),
                Map.of(StreamsConfig.APPLICATION_ID_CONFIG, id(kind), StreamsConfig.NUM_STREAM_THREADS_CONFIG, "2"));
        return app(
                        () -> Topologies.counts(input),
                        kind.equals("with")
                                ? with(
                                        settings,
                                        Map.of(
                                                StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG,
                                                VLogKafkaClientSupplier.class.getName()))
                                : settings,
                        folder.resolve(kind))
                .start();
    }

    private String id(String kind) {
        return applicationId + "-" + kind;
    }

    private void send() {
        for (int i = 0; i < KEYS; i++) {
            String key = "key-" + i;
            int count = expected.containsKey(key) ? expected.get(key).version() + 1 : 1;
            expected.put(key, Topologies.count(key, count));
            broker.send(input, key, expected.get(key).encode());
        }
        awaitProcessed(id("with"), List.of(input));
        awaitProcessed(id("without"), List.of(input));
    }

    private void check(App app) {
        assertThat(app.contents(STORE)).isEqualTo(expected);
    }
}
