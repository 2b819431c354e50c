/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static io.vlogstreams.broker.Topologies.STORE;
import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** State that survives a restart, and lost state that is restored from the changelog. */
class RestoreIT extends BrokerTest {

    private static final int KEYS = 80;
    private static final int WRITES = 250;

    @ParameterizedTest
    @CsvSource({
        AT_LEAST_ONCE + ", PLAIN",
        AT_LEAST_ONCE + ", TIMESTAMPED",
        EXACTLY_ONCE_V2 + ", TIMESTAMPED",
        EXACTLY_ONCE_V2 + ", HEADERS"
    })
    void stateKeptNeedsNoRestoreAndStateLostComesBackWhole(String guarantee, StoreFormat format) {
        String input = topic("input", 2);
        Supplier<Topology> topology = () -> Topologies.documents(input, format);
        Map<String, String> settings = with(
                guarantee(guarantee), Map.of("vlog.file.bytes.max", "1048576", "vlog.append.buffer.bytes", "16384"));
        App first = app(topology, settings).start();
        Map<String, Payload> expected = writeAndDelete(input);
        awaitProcessed(input);
        assertThat(first.contents(STORE)).isEqualTo(expected);
        first.close();
        assertThat(Payload.decodeAll(broker.table(changelog(STORE)))).isEqualTo(expected);

        App kept = app(topology, settings).start();
        assertThat(kept.contents(STORE)).isEqualTo(expected);
        assertThat(kept.restored().records(STORE)).isZero();
        kept.closeAndDeleteState();

        App lost = app(topology, settings).start();
        assertThat(lost.contents(STORE)).isEqualTo(expected);
        assertThat(lost.restored().records(STORE)).isEqualTo(WRITES);
    }

    /** Puts, overwrites and deletes; returns the remaining values. */
    private Map<String, Payload> writeAndDelete(String input) {
        Random random = new Random(1);
        Map<String, Payload> expected = new TreeMap<>();
        for (int i = 0; i < WRITES; i++) {
            String key = "key-" + random.nextInt(KEYS);
            if (random.nextInt(5) == 0) {
                broker.send(input, key, null);
                expected.remove(key);
            } else {
                Payload payload = Payload.of(key, i);
                broker.send(input, key, payload.encode());
                expected.put(key, payload);
            }
        }
        return expected;
    }
}
