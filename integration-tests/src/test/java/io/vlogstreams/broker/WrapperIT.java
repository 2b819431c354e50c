/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vlogstreams.VLogDslStoreSuppliers;
import io.vlogstreams.VLogKafkaClientSupplier;
import io.vlogstreams.VLogProcessorWrapper;
import java.io.File;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An application that uses our stores and their cleanup by configuration alone, without a change of its topology.
 */
class WrapperIT extends BrokerTest {

    private static final String TABLE = "table";
    private static final String NEWEST = "newest";

    private static final int KEYS = 40;
    private static final int VALUE_BYTES = 20_000;
    private static final long LIVE_BYTES = (long) KEYS * VALUE_BYTES;

    private static final Map<String, String> SETTINGS = Map.of(
            StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG,
            VLogDslStoreSuppliers.class.getName(),
            StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG,
            VLogProcessorWrapper.class.getName(),
            StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG,
            VLogKafkaClientSupplier.class.getName(),
            "vlog.file.bytes.max",
            "65536",
            "vlog.append.buffer.bytes",
            "4096",
            "vlog.cleanup.interval.ms",
            "50");

    private final Map<String, Payload> expected = new TreeMap<>();
    private String input;

    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void filesOfOverwrittenValuesGo(String guarantee) {
        App app = start(guarantee);
        overwrite(0, 25);
        for (String store : List.of(TABLE, NEWEST)) {
            await("the files of overwritten values to go")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(StateFolders.vlogBytes(storeFolder(store)))
                            .isLessThan(3 * LIVE_BYTES));
            assertThat(app.contents(store)).isEqualTo(expected);
        }
    }

    /** Without writes no transaction makes a store commit, so only a punctuator can have woken the cleanup. */
    @Test
    void thePunctuatorDeletesWhatAnIteratorHeld() {
        App app = start(EXACTLY_ONCE_V2);
        overwrite(0, 1);
        Map<String, List<File>> pinned = new HashMap<>();
        try (KeyValueIterator<String, byte[]> table = app.store(TABLE).all();
                KeyValueIterator<String, byte[]> newest = app.store(NEWEST).all()) {
            // The iterator over all partitions opens that of a store with the first call.
            assertThat(table.hasNext()).isTrue();
            assertThat(newest.hasNext()).isTrue();
            for (String store : List.of(TABLE, NEWEST)) {
                pinned.put(store, StateFolders.vlogFiles(storeFolder(store)));
            }
            overwrite(1, 8);
            pinned.forEach((store, files) ->
                    assertThat(StateFolders.vlogFiles(storeFolder(store))).containsAll(files));
        }
        for (String store : List.of(TABLE, NEWEST)) {
            await("the files of overwritten values to go")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(StateFolders.vlogFiles(storeFolder(store)))
                            .doesNotContainAnyElementsOf(pinned.get(store)));
            assertThat(StateFolders.vlogBytes(storeFolder(store))).isLessThan(3 * LIVE_BYTES);
            assertThat(app.contents(store)).isEqualTo(expected);
        }
    }

    private App start(String guarantee) {
        input = topic("input", 1);
        Map<String, String> settings = with(guarantee(guarantee), SETTINGS);
        return app(() -> topology(settings(settings, stateFolder())), settings).start();
    }

    private Topology topology(Map<String, String> settings) {
        StreamsBuilder builder = new StreamsBuilder(new TopologyConfig(new StreamsConfig(settings)));
        KTable<String, byte[]> table =
                builder.table(input, Consumed.with(Serdes.String(), Serdes.ByteArray()), named(TABLE));
        table.toStream().groupByKey().reduce((old, value) -> value, named(NEWEST));
        return builder.build();
    }

    private static Materialized<String, byte[], KeyValueStore<Bytes, byte[]>> named(String store) {
        return Materialized.<String, byte[], KeyValueStore<Bytes, byte[]>>as(store)
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.ByteArray());
    }

    private void overwrite(int fromRound, int toRound) {
        for (int round = fromRound; round < toRound; round++) {
            for (int i = 0; i < KEYS; i++) {
                Payload payload = new Payload("key-" + i, round, VALUE_BYTES);
                broker.send(input, payload.key(), payload.encode());
                expected.put(payload.key(), payload);
            }
        }
        awaitProcessed(input);
    }

    private Path storeFolder(String store) {
        return StateFolders.store(StateFolders.task(stateFolder(), applicationId, "0_0"), store);
    }
}
