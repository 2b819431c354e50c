/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static io.vlogstreams.TestTopology.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.vlogstreams.internal.streams.CountedCleanups;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.ValueTransformerWithKey;
import org.apache.kafka.streams.processor.ProcessorContext;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operator of the DSL has the same results wrapped with our stores as unwrapped with Kafka's, and each of our
 * stores is cleaned up.
 */
class WrappedDslTopologyTest {

    private static final int RECORDS = 150;
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    Path folder;

    private interface Operator extends Consumer<StreamsBuilder> {}

    private static Arguments operator(String name, int stores, Operator operator) {
        return arguments(name, stores, operator);
    }

    private static KStream<String, String> left(StreamsBuilder builder) {
        return builder.stream("left");
    }

    private static KTable<String, String> leftTable(StreamsBuilder builder) {
        return builder.table("left");
    }

    private static KTable<String, String> rightTable(StreamsBuilder builder) {
        return builder.table("right");
    }

    private static void out(KTable<?, ?> table) {
        out(table.toStream());
    }

    private static void out(KStream<?, ?> stream) {
        stream.map((key, value) -> KeyValue.pair(String.valueOf(key), String.valueOf(value)))
                .to("output");
    }

    private static String both(Object one, Object other) {
        return one + "+" + other;
    }

    private static String firstLetter(String value) {
        return value.substring(0, 1);
    }

    static Stream<Arguments> aggregations() {
        TimeWindows windows = TimeWindows.ofSizeWithNoGrace(SECOND);
        return Stream.of(
                operator("count", 1, b -> out(left(b).groupByKey().count())),
                operator("reduce", 1, b -> out(left(b).groupByKey().reduce((one, other) -> other))),
                operator(
                        "aggregate",
                        1,
                        b -> out(left(b).groupByKey().aggregate(() -> "", (key, value, all) -> value + all.length()))),
                operator(
                        "aggregate under another key",
                        1,
                        b -> out(left(b).groupBy((key, value) -> firstLetter(value))
                                .count())),
                operator(
                        "aggregate of a table",
                        2,
                        b -> out(leftTable(b)
                                .groupBy((key, value) -> KeyValue.pair(firstLetter(value), value))
                                .reduce((sum, added) -> both(sum.length(), added), (sum, gone) -> both("gone", gone)))),
                operator(
                        "cogroup",
                        1,
                        b -> out(left(b).groupByKey()
                                .<String>cogroup((key, value, all) -> value + all.length())
                                .cogroup(
                                        b.<String, String>stream("right").groupByKey(),
                                        (key, value, all) -> "" + all.length())
                                .aggregate(() -> ""))),
                operator(
                        "time windows",
                        0,
                        b -> out(left(b).groupByKey().windowedBy(windows).count())),
                operator(
                        "emit on close",
                        0,
                        b -> out(left(b).groupByKey()
                                .windowedBy(windows)
                                .emitStrategy(EmitStrategy.onWindowClose())
                                .count())),
                operator(
                        "sliding windows",
                        0,
                        b -> out(left(b).groupByKey()
                                .windowedBy(SlidingWindows.ofTimeDifferenceWithNoGrace(SECOND))
                                .count())),
                operator(
                        "sessions",
                        0,
                        b -> out(left(b).groupByKey()
                                .windowedBy(SessionWindows.ofInactivityGapWithNoGrace(Duration.ofMillis(50)))
                                .count())),
                operator(
                        "suppress",
                        1,
                        b -> out(left(b).groupByKey()
                                .count()
                                .suppress(Suppressed.untilTimeLimit(SECOND, Suppressed.BufferConfig.maxRecords(3))))),
                operator(
                        "suppress windows",
                        0,
                        b -> out(left(b).groupByKey()
                                .windowedBy(windows)
                                .count(Materialized.with(Serdes.String(), Serdes.Long()))
                                .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded())))));
    }

    static Stream<Arguments> joins() {
        JoinWindows windows = JoinWindows.ofTimeDifferenceWithNoGrace(Duration.ofMillis(30));
        return Stream.of(
                operator("inner", 2, b -> out(leftTable(b).join(rightTable(b), (a, c) -> both(a, c)))),
                operator("left", 2, b -> out(leftTable(b).leftJoin(rightTable(b), (a, c) -> both(a, c)))),
                operator("outer", 2, b -> out(leftTable(b).outerJoin(rightTable(b), (a, c) -> both(a, c)))),
                operator(
                        "inner, kept",
                        3,
                        b -> out(leftTable(b).join(rightTable(b), (a, c) -> both(a, c), kept("joined")))),
                operator(
                        "foreign key",
                        3,
                        b -> out(leftTable(b).join(rightTable(b), value -> firstLetter(value), (a, c) -> both(a, c)))),
                operator(
                        "left foreign key",
                        3,
                        b -> out(leftTable(b)
                                .leftJoin(rightTable(b), value -> firstLetter(value), (a, c) -> both(a, c)))),
                operator("stream and table", 1, b -> out(left(b).join(rightTable(b), (a, c) -> both(a, c)))),
                operator("stream and table, left", 1, b -> out(left(b).leftJoin(rightTable(b), (a, c) -> both(a, c)))),
                operator(
                        "streams",
                        0,
                        b -> out(left(b).join(b.<String, String>stream("right"), (a, c) -> both(a, c), windows))),
                operator(
                        "streams, left",
                        1,
                        b -> out(left(b).leftJoin(b.<String, String>stream("right"), (a, c) -> both(a, c), windows))),
                operator(
                        "streams, outer",
                        1,
                        b -> out(left(b).outerJoin(b.<String, String>stream("right"), (a, c) -> both(a, c), windows))),
                operator("self", 0, b -> {
                    KStream<String, String> stream = left(b);
                    out(stream.join(stream, (a, c) -> both(a, c), windows));
                }),
                operator("global table", 0, b -> {
                    GlobalKTable<String, String> global = b.globalTable("right");
                    out(left(b).join(global, (key, value) -> firstLetter(value), (a, c) -> both(a, c)));
                }));
    }

    static Stream<Arguments> others() {
        return Stream.of(
                operator("table", 1, b -> out(b.<String, String>table("left", kept("table")))),
                operator("toTable", 1, b -> out(left(b).toTable(kept("table")))),
                operator(
                        "toTable under another key",
                        1,
                        b -> out(left(b).selectKey((key, value) -> firstLetter(value))
                                .toTable(kept("table")))),
                operator(
                        "filter and map of a table",
                        2,
                        b -> out(leftTable(b)
                                .filter((key, value) -> !value.startsWith("b"), kept("filtered"))
                                .mapValues(value -> value + "!", kept("mapped")))),
                operator("repartition", 0, b -> out(left(b).repartition())),
                operator("flatMap, merge, branch", 0, b -> {
                    KStream<String, String> some = left(b).filter((key, value) -> value != null);
                    out(some.flatMap((key, value) -> List.of(KeyValue.pair(key, "1"), KeyValue.pair(value, key)))
                            .merge(some.peek((key, value) -> {}).mapValues(value -> value + "!")));
                }),
                operator("process, stores by name", 1, b -> {
                    b.addStateStore(ownStore());
                    out(left(b).process(() -> new Versions(), "own"));
                }),
                operator("process, stores brought along", 1, b -> out(left(b).process(new VersionsWithStore()))),
                operator("processValues", 1, b -> {
                    b.addStateStore(ownStore());
                    out(left(b).processValues(() -> new PassesOn(), "own"));
                }),
                operator("transformValues", 1, b -> {
                    b.addStateStore(ownStore());
                    out(leftTable(b).transformValues(() -> new Previous(), "own"));
                }));
    }

    private static Materialized<String, String, KeyValueStore<Bytes, byte[]>> kept(String name) {
        return Materialized.as(name);
    }

    private static StoreBuilder<KeyValueStore<String, String>> ownStore() {
        return Stores.keyValueStoreBuilder(VLogStores.persistentKeyValueStore("own"), Serdes.String(), Serdes.String());
    }

    /** Forwards each value with the one before. */
    private static final class Versions extends ContextualProcessor<String, String, String, String> {
        @Override
        public void process(Record<String, String> record) {
            KeyValueStore<String, String> store = context().getStateStore("own");
            String before = store.get(record.key());
            store.put(record.key(), record.value());
            context().forward(record.withValue(both(before, record.value())));
        }
    }

    private static final class VersionsWithStore implements ProcessorSupplier<String, String, String, String> {
        @Override
        public Processor<String, String, String, String> get() {
            return new Versions();
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(ownStore());
        }
    }

    private static final class PassesOn extends ContextualFixedKeyProcessor<String, String, String> {
        @Override
        public void process(FixedKeyRecord<String, String> record) {
            KeyValueStore<String, String> store = context().getStateStore("own");
            context().forward(record.withValue(both(store.putIfAbsent(record.key(), record.value()), record.value())));
        }
    }

    private static final class Previous implements ValueTransformerWithKey<String, String, String> {

        private KeyValueStore<String, String> store;

        @Override
        public void init(ProcessorContext context) {
            store = context.getStateStore("own");
        }

        @Override
        public String transform(String key, String value) {
            return both(store.putIfAbsent(key, value), value);
        }

        @Override
        public void close() {}
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("aggregations")
    void aggregationsAreTheSame(String name, int stores, Operator operator) {
        assertSame(stores, operator);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("joins")
    void joinsAreTheSame(String name, int stores, Operator operator) {
        assertSame(stores, operator);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("others")
    void otherOperatorsAreTheSame(String name, int stores, Operator operator) {
        assertSame(stores, operator);
    }

    private void assertSame(int stores, Operator operator) {
        Map<String, Object> ours = Map.of(
                StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, VLogDslStoreSuppliers.class,
                StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG, VLogProcessorWrapper.class);
        List<TestRecord<String, String>> expected = run("kafkas", Map.of(), operator, task -> {});
        List<TestRecord<String, String>> got = run("ours", ours, operator, task -> {
            assertThat(CountedCleanups.stores(task)).hasSize(stores);
            assertThat(CountedCleanups.storesWithout(task)).isEmpty();
        });
        assertThat(expected).isNotEmpty();
        assertThat(got).isEqualTo(expected);
    }

    private List<TestRecord<String, String>> run(
            String name, Map<String, Object> settings, Operator operator, Consumer<File> checksTask) {
        Path stateFolder = folder.resolve(name);
        Map<String, Object> properties = new HashMap<>(settings);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
        TopologyConfig config = new TopologyConfig(new StreamsConfig(TestTopology.properties(stateFolder, properties)));
        StreamsBuilder builder = new StreamsBuilder(config);
        operator.accept(builder);
        Topology topology = builder.build();
        boolean withRight = topology.describe().toString().contains("right");
        try (TestTopology running = new TestTopology(stateFolder, topology, properties)) {
            checksTask.accept(stateFolder.resolve("app").resolve("0_0").toFile());
            return results(running, withRight);
        }
    }

    /**
     * Processes the same input each time: few keys, some of them the first letters of the values, values of all sizes,
     * deletes.
     */
    private static List<TestRecord<String, String>> results(TestTopology running, boolean withRight) {
        Random random = new Random(7);
        long timestamp = 0;
        for (int i = 0; i < RECORDS; i++) {
            timestamp += random.nextInt(40);
            String key = String.valueOf((char) ('a' + random.nextInt(5)));
            String letter = String.valueOf((char) ('a' + random.nextInt(5)));
            String value = random.nextInt(3) == 0 ? large(letter + i) : letter + i;
            if (withRight && random.nextBoolean()) {
                running.input("right").pipeInput(key, random.nextInt(8) == 0 ? null : value, timestamp);
            } else {
                running.input("left").pipeInput(key, value, timestamp);
            }
            if (i % 50 == 49) {
                running.driver().advanceWallClockTime(SECOND);
            }
        }
        return running.output("output").readRecordsToList();
    }
}
