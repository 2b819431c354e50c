/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static io.vlogstreams.TestTopology.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ValueTimestampHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DSL topologies whose key-value stores are ours. */
class DslTopologyTest {

    @TempDir
    Path stateFolder;

    private final StreamsBuilder builder = new StreamsBuilder();

    private final Map<String, Object> properties =
            new HashMap<>(Map.of(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, VLogDslStoreSuppliers.class));

    private TestTopology run() {
        return run(builder.build());
    }

    private TestTopology run(Topology topology) {
        return new TestTopology(stateFolder, topology, properties);
    }

    private static Materialized<String, String, KeyValueStore<Bytes, byte[]>> as(String name) {
        return Materialized.as(name);
    }

    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void anAggregationIsKept(boolean cached, boolean logged) throws IOException {
        Materialized<String, String, KeyValueStore<Bytes, byte[]>> store = as("texts");
        builder.<String, String>stream("input")
                .groupByKey()
                .aggregate(
                        () -> "",
                        (key, value, text) -> text + value,
                        cached
                                ? withLogging(store.withCachingEnabled(), logged)
                                : withLogging(store.withCachingDisabled(), logged));
        try (TestTopology topology = run()) {
            for (int i = 0; i < 20; i++) {
                topology.input("input").pipeInput("a", large(i));
                topology.input("input").pipeInput("b", "small");
            }
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                expected.append(large(i));
            }
            KeyValueStore<String, String> texts = topology.driver().getKeyValueStore("texts");
            assertThat(texts.get("a")).isEqualTo(expected.toString());
            assertThat(texts.get("b")).isEqualTo("small".repeat(20));
            assertThat(topology.vlogStores()).containsExactly("texts");
            assertThat(topology.rocksDbStores()).isEmpty();
            assertThat(topology.driver().producedTopicNames().contains("app-texts-changelog"))
                    .isEqualTo(logged);
        }
    }

    private static Materialized<String, String, KeyValueStore<Bytes, byte[]>> withLogging(
            Materialized<String, String, KeyValueStore<Bytes, byte[]>> store, boolean logged) {
        return logged ? store.withLoggingEnabled(Map.of()) : store.withLoggingDisabled();
    }

    @Test
    void aTableKeepsTheNewestValueAndItsTimestamp() {
        builder.table("input", as("documents"));
        try (TestTopology topology = run()) {
            topology.input("input").pipeInput("a", large("1"), 100);
            topology.input("input").pipeInput("a", large("2"), 200);
            topology.input("input").pipeInput("b", large("1"), 300);
            topology.input("input").pipeInput("b", null, 400);
            var documents = topology.driver().<String, String>getTimestampedKeyValueStore("documents");
            assertThat(documents.get("a").value()).isEqualTo(large("2"));
            assertThat(documents.get("a").timestamp()).isEqualTo(200);
            assertThat(documents.get("b")).isNull();
        }
    }

    @Test
    void aCountIsKept() {
        builder.<String, String>stream("input").groupByKey().count(Materialized.as("counts"));
        try (TestTopology topology = run()) {
            for (int i = 0; i < 10; i++) {
                topology.input("input").pipeInput("a", "x");
            }
            assertThat(topology.driver()
                            .<String, Long>getKeyValueStore("counts")
                            .get("a"))
                    .isEqualTo(10);
        }
    }

    @Test
    void twoTablesAreJoined() throws IOException {
        KTable<String, String> left = builder.table("left");
        KTable<String, String> right = builder.table("right");
        left.join(right, (one, other) -> one + "+" + other, as("joined"))
                .toStream()
                .to("output");
        try (TestTopology topology = run()) {
            topology.input("left").pipeInput("a", large("l1"));
            topology.input("right").pipeInput("a", large("r1"));
            topology.input("left").pipeInput("a", large("l2"));
            assertThat(topology.output("output").readKeyValuesToList())
                    .containsExactly(
                            KeyValue.pair("a", large("l1") + "+" + large("r1")),
                            KeyValue.pair("a", large("l2") + "+" + large("r1")));
            assertThat(topology.vlogStores()).hasSize(3);
            assertThat(topology.rocksDbStores()).isEmpty();
        }
    }

    @Test
    void twoTablesAreJoinedOuter() {
        KTable<String, String> left = builder.table("left");
        KTable<String, String> right = builder.table("right");
        left.outerJoin(right, (one, other) -> one + "+" + other).toStream().to("output");
        try (TestTopology topology = run()) {
            topology.input("left").pipeInput("a", "l");
            topology.input("right").pipeInput("b", "r");
            topology.input("right").pipeInput("a", "r");
            topology.input("left").pipeInput("a", (String) null);
            assertThat(topology.output("output").readKeyValuesToList())
                    .containsExactly(
                            KeyValue.pair("a", "l+null"),
                            KeyValue.pair("b", "null+r"),
                            KeyValue.pair("a", "l+r"),
                            KeyValue.pair("a", "null+r"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "HEADERS"})
    void twoTablesAreJoinedByAForeignKey(String format) throws IOException {
        assumeTrue(KafkaOnClassPath.is43() || !format.equals("HEADERS"));
        properties.put(StreamsConfig.DSL_STORE_FORMAT_CONFIG, format);
        KTable<String, String> orders = builder.table("orders");
        KTable<String, String> customers = builder.table("customers");
        orders.join(customers, order -> order.substring(0, 1), (order, customer) -> order + "+" + customer)
                .toStream()
                .to("output");
        try (TestTopology topology = run()) {
            topology.input("customers").pipeInput("x", large("1"));
            topology.input("orders").pipeInput("o1", "x first");
            topology.input("orders").pipeInput("o2", "x second");
            topology.input("customers").pipeInput("x", large("2"));
            topology.input("orders").pipeInput("o1", (String) null);
            topology.input("customers").pipeInput("x", large("3"));
            assertThat(topology.output("output").readKeyValuesToList())
                    .containsExactly(
                            KeyValue.pair("o1", "x first+" + large("1")),
                            KeyValue.pair("o2", "x second+" + large("1")),
                            KeyValue.pair("o1", "x first+" + large("2")),
                            KeyValue.pair("o2", "x second+" + large("2")),
                            KeyValue.pair("o1", null),
                            KeyValue.pair("o2", "x second+" + large("3")));
            assertThat(topology.rocksDbStores()).isEmpty();
        }
    }

    /** The store for records without a match is a key-value store that the DSL requests in the plain format. */
    @Test
    void twoStreamsAreJoinedOuter() throws IOException {
        KStream<String, String> left = builder.stream("left");
        KStream<String, String> right = builder.stream("right");
        left.outerJoin(
                        right,
                        (one, other) -> one + "+" + other,
                        JoinWindows.ofTimeDifferenceWithNoGrace(Duration.ofMillis(10)))
                .to("output");
        try (TestTopology topology = run()) {
            topology.input("left").pipeInput("a", large("l"), 0);
            topology.input("right").pipeInput("b", large("r"), 5);
            topology.input("left").pipeInput("c", "l", 100_000);
            assertThat(topology.output("output").readKeyValuesToList())
                    .containsExactlyInAnyOrder(
                            KeyValue.pair("a", large("l") + "+null"), KeyValue.pair("b", "null+" + large("r")));
        }
    }

    /** The source of a table does not forward the headers of its records; ProcessorTopologyTest stores some. */
    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void storesAreInTheFormatWithHeadersWhenItIsAskedFor() throws IOException {
        properties.put(StreamsConfig.DSL_STORE_FORMAT_CONFIG, StreamsConfig.DSL_STORE_FORMAT_HEADERS);
        builder.table("input", as("documents"));
        try (TestTopology topology = run()) {
            topology.input("input").pipeInput("a", large("1"), 100);
            ValueTimestampHeaders<String> found = topology.driver()
                    .<String, String>getTimestampedKeyValueStoreWithHeaders("documents")
                    .get("a");
            assertThat(found.value()).isEqualTo(large("1"));
            assertThat(found.timestamp()).isEqualTo(100);
            assertThat(topology.vlogStores()).containsExactly("documents");
        }
    }

    @Test
    void windowsStayKafkasAndWorkBesideOurs() throws IOException {
        KStream<String, String> input = builder.stream("input");
        input.groupByKey()
                .windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofSeconds(1)))
                .count(Materialized.as("windowed"));
        input.toTable(as("documents"));
        try (TestTopology topology = run()) {
            topology.input("input").pipeInput("a", large("1"), 5);
            assertThat(topology.driver()
                            .<String, Long>getWindowStore("windowed")
                            .fetch("a", 0))
                    .isEqualTo(1);
            assertThat(topology.vlogStores()).containsExactly("documents");
        }
    }

    @Test
    void oneStoreIsOursByItsMaterialized() throws IOException {
        properties.clear();
        builder.table("input", DslTopologyTest.as("ours").withStoreType(new VLogDslStoreSuppliers()));
        builder.table("other", as("kafkas"));
        try (TestTopology topology = run()) {
            topology.input("input").pipeInput("a", large("1"));
            topology.input("other").pipeInput("a", large("2"));
            assertThat(topology.driver()
                            .<String, String>getKeyValueStore("ours")
                            .get("a"))
                    .isEqualTo(large("1"));
            assertThat(topology.vlogStores()).containsExactly("ours");
            assertThat(topology.rocksDbStores()).containsExactly("kafkas");
        }
    }

    @Test
    void oneStoreIsOursByItsSupplier() throws IOException {
        properties.clear();
        builder.table("input", Materialized.<String, String>as(VLogStores.persistentTimestampedKeyValueStore("ours")));
        try (TestTopology topology = run()) {
            topology.input("input").pipeInput("a", large("1"), 7);
            assertThat(topology.driver()
                            .<String, String>getTimestampedKeyValueStore("ours")
                            .get("a")
                            .timestamp())
                    .isEqualTo(7);
            assertThat(topology.vlogStores()).containsExactly("ours");
        }
    }

    @Test
    void allStoresAreOursByTheTopologysConfig() throws IOException {
        Properties topologyProperties = TestTopology.properties(stateFolder, properties);
        properties.clear();
        StreamsBuilder configured = new StreamsBuilder(new TopologyConfig(new StreamsConfig(topologyProperties)));
        configured.table("input", as("documents"));
        try (TestTopology topology = run(configured.build())) {
            topology.input("input").pipeInput("a", large("1"));
            assertThat(topology.driver()
                            .<String, String>getKeyValueStore("documents")
                            .get("a"))
                    .isEqualTo(large("1"));
            assertThat(topology.vlogStores()).containsExactly("documents");
        }
    }

    @Test
    void aGlobalTableIsReadByAJoin() throws IOException {
        GlobalKTable<String, String> documents = builder.globalTable("documents", as("global"));
        builder.<String, String>stream("input")
                .join(documents, (key, value) -> value, (value, document) -> value + "+" + document)
                .to("output");
        try (TestTopology topology = run()) {
            topology.input("documents").pipeInput("d", large("1"));
            topology.input("documents").pipeInput("d", large("2"));
            topology.input("input").pipeInput("a", "d");
            assertThat(topology.output("output").readValue()).isEqualTo("d+" + large("2"));
            assertThat(topology.vlogStores()).containsExactly("global");
        }
    }

    @Test
    void aBadOptionStopsTheApplicationAtItsStart() {
        properties.put("vlog.documents.threshold.bytes", "-1");
        builder.table("input", as("documents"));
        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("vlog.documents.threshold.bytes")
                .hasMessageContaining("-1");
    }

    @Test
    void obsoleteVersionsDoNotPileUp() throws IOException {
        builder.table("input", DslTopologyTest.as("documents").withCachingDisabled());
        try (TestTopology topology = run()) {
            for (int i = 0; i < 100; i++) {
                topology.input("input").pipeInput("a", large(i));
            }
            await().untilAsserted(
                            () -> assertThat(topology.vlogFiles("documents")).isLessThan(5));
        }
    }
}
