/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.VLogDslStoreSuppliers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.WindowStore;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DSL topologies whose stores are VLog stores only because of {@code dsl.store.suppliers.class}. */
class DslIT extends BrokerTest {

    private static final int ORDERS = 80;
    private static final int CUSTOMERS = 12;
    private static final List<String> OUTPUTS = List.of("totals", "windows", "joined", "outer");

    private String orders;
    private String customers;
    private String returns;
    private String events;

    @ParameterizedTest
    @CsvSource({"0, DEFAULT", "10000000, DEFAULT", "10000000, HEADERS"})
    void theResultsAreThoseOfKafkasStores(String cacheBytes, String format) throws IOException {
        orders = topic("orders", 2);
        customers = topic("customers", 2);
        returns = topic("returns", 2);
        events = topic("events", 2);
        Map<String, String> settings = with(
                guarantee(AT_LEAST_ONCE),
                Map.of(
                        StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, cacheBytes,
                        StreamsConfig.DSL_STORE_FORMAT_CONFIG, format));
        App vlog = launch("vlog", settings, VLogDslStoreSuppliers.class);
        App rocksDb = launch("rocksdb", settings, KafkaRocksDbStores.class);
        vlog.awaitRunning();
        rocksDb.awaitRunning();
        write(0, 300);
        awaitAllProcessed("vlog");
        write(300, 500);
        awaitAllProcessed("vlog");
        awaitAllProcessed("rocksdb");

        for (String output : OUTPUTS) {
            Map<String, ByteBuffer> results = results("vlog", output);
            assertThat(results).as(output).isNotEmpty().isEqualTo(results("rocksdb", output));
        }
        assertThat(storeFolders("vlog", "vlog"))
                .contains("orders", "customers", "returns", "totals", "joined", "outer")
                .anyMatch(store -> store.contains("FK-JOIN-SUBSCRIPTION-STATE-STORE"));
        assertThat(storeFolders("vlog", "rocksdb"))
                .doesNotContain("orders", "customers", "returns", "totals", "joined");
        assertThat(storeFolders("rocksdb", "vlog")).isEmpty();
        assertThat(storeFolders("rocksdb", "rocksdb")).contains("orders", "customers", "returns", "totals", "joined");
    }

    private App launch(String kind, Map<String, String> settings, Class<?> suppliers) {
        OUTPUTS.forEach(output -> topic(kind + "-" + output, 2));
        Map<String, String> own = Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG,
                applicationId + "-" + kind,
                StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG,
                suppliers.getName());
        return app(() -> topology(kind), with(settings, own)).launch();
    }

    private Topology topology(String kind) {
        StreamsBuilder builder = new StreamsBuilder();
        Consumed<String, byte[]> consumed = Consumed.with(Serdes.String(), Serdes.ByteArray());
        KTable<String, byte[]> orderTable = builder.table(orders, consumed, named("orders"));
        KTable<String, byte[]> customerTable = builder.table(customers, consumed, named("customers"));
        KTable<String, byte[]> returnTable = builder.table(returns, consumed, named("returns"));
        KStream<String, byte[]> eventStream = builder.stream(events, consumed);

        to(
                kind,
                "totals",
                eventStream
                        .groupBy((key, value) -> customerOf(value), Grouped.with(Serdes.String(), Serdes.ByteArray()))
                        .aggregate(() -> null, (customer, value, total) -> addTo(total, customer), named("totals"))
                        .toStream());
        to(
                kind,
                "windows",
                eventStream
                        .groupByKey(Grouped.with(Serdes.String(), Serdes.ByteArray()))
                        .windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofDays(1)))
                        .count(Materialized.<String, Long, WindowStore<Bytes, byte[]>>as("windows")
                                .withKeySerde(Serdes.String())
                                .withValueSerde(Serdes.Long()))
                        .toStream((window, count) ->
                                window.key() + "@" + window.window().start())
                        .mapValues(count -> String.valueOf(count).getBytes(UTF_8)));
        to(
                kind,
                "joined",
                orderTable
                        .join(customerTable, DslIT::customerOf, DslIT::both, named("joined"))
                        .toStream());
        to(
                kind,
                "outer",
                orderTable.outerJoin(returnTable, DslIT::both, named("outer")).toStream());
        return builder.build();
    }

    private void to(String kind, String output, KStream<String, byte[]> stream) {
        stream.to(applicationId + "-" + kind + "-" + output, Produced.with(Serdes.String(), Serdes.ByteArray()));
    }

    private static Materialized<String, byte[], KeyValueStore<Bytes, byte[]>> named(String name) {
        return Materialized.<String, byte[], KeyValueStore<Bytes, byte[]>>as(name)
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.ByteArray());
    }

    private static String customerOf(byte[] value) {
        return "customer-" + Payload.decode(value).version() % CUSTOMERS;
    }

    private static byte[] addTo(byte[] total, String customer) {
        int count = total == null ? 0 : Payload.decode(customer, total).version();
        return Topologies.count(customer, count + 1).encode();
    }

    private static byte[] both(byte[] left, byte[] right) {
        int leftBytes = left == null ? 0 : left.length;
        int rightBytes = right == null ? 0 : right.length;
        ByteBuffer both = ByteBuffer.allocate(leftBytes + rightBytes);
        both.put(left == null ? new byte[0] : left);
        both.put(right == null ? new byte[0] : right);
        return both.array();
    }

    private void write(int from, int to) {
        Random random = new Random(from);
        for (int i = from; i < to; i++) {
            switch (random.nextInt(4)) {
                case 0 -> send(customers, "customer-" + random.nextInt(CUSTOMERS), i, random.nextInt(8) == 0);
                case 1 -> send(returns, "order-" + random.nextInt(ORDERS), i, random.nextInt(4) == 0);
                case 2 -> send(events, "event-" + random.nextInt(10), i, false);
                default -> send(orders, "order-" + random.nextInt(ORDERS), i, random.nextInt(6) == 0);
            }
        }
        broker.flush();
    }

    private void send(String topic, String key, int version, boolean delete) {
        broker.send(topic, key, delete ? null : new Payload(key, version, 100 + version * 91 % 9000).encode());
    }

    /** Waits for the inputs, then for the internal topics in the order in which they feed each other. */
    private void awaitAllProcessed(String kind) {
        String id = applicationId + "-" + kind;
        awaitProcessed(id, List.of(orders, customers, returns, events));
        for (String stage : List.of("-repartition", "SUBSCRIPTION-REGISTRATION", "SUBSCRIPTION-RESPONSE")) {
            List<String> topics = broker.topics().stream()
                    .filter(topic -> topic.startsWith(id + "-") && topic.contains(stage))
                    .toList();
            assertThat(topics).as(stage).isNotEmpty();
            awaitProcessed(id, topics);
        }
    }

    private Map<String, ByteBuffer> results(String kind, String output) {
        Map<String, ByteBuffer> results = new TreeMap<>();
        broker.table(applicationId + "-" + kind + "-" + output)
                .forEach((key, value) -> results.put(key, ByteBuffer.wrap(value)));
        return results;
    }

    /** Returns the names of the stores in the folders of a scope ({@code vlog}, {@code rocksdb}) of any task. */
    private Set<String> storeFolders(String kind, String scope) throws IOException {
        Path applicationFolder = stateFolder().resolve(applicationId + "-" + kind);
        try (Stream<Path> folders = Files.find(
                applicationFolder,
                3,
                (path, attributes) -> attributes.isDirectory()
                        && applicationFolder.relativize(path).getNameCount() == 3
                        && path.getParent().endsWith(scope))) {
            return folders.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void aSourceTableIsRestoredFromItsInputTopic(String guarantee) {
        orders = topic("orders", 2);
        Map<String, String> settings = with(
                guarantee(guarantee),
                Map.of(
                        StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG,
                        StreamsConfig.OPTIMIZE,
                        StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG,
                        VLogDslStoreSuppliers.class.getName()));
        Properties optimize = new Properties();
        optimize.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
        App first = app(() -> sourceTable(optimize), settings).start();
        for (int i = 0; i < 120; i++) {
            send(orders, "order-" + i % 70, i, i % 11 == 4);
        }
        awaitProcessed(orders);
        Map<String, Payload> expected = Payload.decodeAll(broker.table(orders));
        assertThat(first.contents("orders")).isEqualTo(expected);
        first.close();
        assertThat(broker.topics()).noneMatch(topic -> topic.startsWith(applicationId) && topic.endsWith("changelog"));

        App kept = app(() -> sourceTable(optimize), settings).start();
        assertThat(kept.contents("orders")).isEqualTo(expected);
        assertThat(kept.restored().records("orders")).isZero();
        kept.closeAndDeleteState();

        App lost = app(() -> sourceTable(optimize), settings).start();
        assertThat(lost.contents("orders")).isEqualTo(expected);
        assertThat(lost.restored().records("orders")).isEqualTo(120);
    }

    private Topology sourceTable(Properties properties) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.table(orders, Consumed.with(Serdes.String(), Serdes.ByteArray()), named("orders"));
        return builder.build(properties);
    }
}
