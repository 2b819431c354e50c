/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.ValueTimestampHeaders;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Queries of both kinds and with both isolation levels, during transactions and between them. With
 * {@code enable.transactional.statestores} our stores return the same answers and positions as Kafka's RocksDBStore.
 */
@EnabledIf(KafkaOnClassPath.IS_44)
class IsolationLevelTest {

    private static final String OURS = "ours";
    private static final String KAFKAS = "kafkas";
    private static final String INPUT = "input";
    private static final int INPUTS = 12;
    private static final int WRITES = 6;
    private static final int KEYS = 12;

    @TempDir
    Path temp;

    private final Random random = new Random(20261128);
    private final List<String> differences = new ArrayList<>();
    private int compared;

    static Stream<Arguments> stores() {
        return Stream.of("plain", "timestamped", "headers")
                .flatMap(kind -> Stream.of(true, false)
                        .flatMap(cached -> Stream.of(StreamsConfig.AT_LEAST_ONCE, StreamsConfig.EXACTLY_ONCE_V2)
                                .map(guarantee -> Arguments.of(kind, cached, guarantee))));
    }

    @ParameterizedTest
    @MethodSource("stores")
    void answersAreThoseOfKafkasStore(String kind, boolean cached, String guarantee) {
        try (TopologyTestDriver driver = new TopologyTestDriver(topology(kind, cached), properties(guarantee))) {
            Map<String, StateStore> stores = driver.getAllStateStores();
            compare("opened", stores.get(OURS), stores.get(KAFKAS));
            var input = driver.createInputTopic(INPUT, new StringSerializer(), new StringSerializer());
            for (int i = 0; i < INPUTS; i++) {
                input.pipeInput("key", "value-" + i);
                compare("committed", stores.get(OURS), stores.get(KAFKAS));
            }
        }
        assertThat(differences).isEmpty();
        assertThat(compared).isGreaterThan(2_000);
    }

    private Properties properties(String guarantee) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "levels");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:9092");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, temp.toString());
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
        properties.put("enable.transactional.statestores", true);
        properties.put(VLogConfig.THRESHOLD_BYTES, 16);
        properties.put(VLogConfig.FILE_BYTES_MAX, 1024);
        return properties;
    }

    private Topology topology(String kind, boolean cached) {
        StoreBuilder<?> ours = builder(kind, ours(kind));
        StoreBuilder<?> kafkas = builder(kind, kafkas(kind));
        if (cached) {
            ours.withCachingEnabled();
            kafkas.withCachingEnabled();
        }
        return new Topology()
                .addSource("source", INPUT)
                .addProcessor("processor", Comparing::new, "source")
                .addStateStore(ours, "processor")
                .addStateStore(kafkas, "processor");
    }

    private static KeyValueBytesStoreSupplier ours(String kind) {
        return switch (kind) {
            case "plain" -> VLogStores.persistentKeyValueStore(OURS);
            case "timestamped" -> VLogStores.persistentTimestampedKeyValueStore(OURS);
            default -> VLogStores.persistentTimestampedKeyValueStoreWithHeaders(OURS);
        };
    }

    private static KeyValueBytesStoreSupplier kafkas(String kind) {
        return switch (kind) {
            case "plain" -> Stores.persistentKeyValueStore(KAFKAS);
            case "timestamped" -> Stores.persistentTimestampedKeyValueStore(KAFKAS);
            default -> Stores.persistentTimestampedKeyValueStoreWithHeaders(KAFKAS);
        };
    }

    private static StoreBuilder<?> builder(String kind, KeyValueBytesStoreSupplier supplier) {
        Serde<String> serde = Serdes.String();
        return switch (kind) {
            case "plain" -> Stores.keyValueStoreBuilder(supplier, serde, serde);
            case "timestamped" -> Stores.timestampedKeyValueStoreBuilder(supplier, serde, serde);
            default -> Stores.timestampedKeyValueStoreWithHeadersBuilder(supplier, serde, serde);
        };
    }

    /** Writes the same to both stores, and compares them after each write, before it is committed. */
    private final class Comparing implements Processor<String, String, Void, Void> {

        private KeyValueStore<String, Object> ours;
        private KeyValueStore<String, Object> kafkas;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            ours = context.getStateStore(OURS);
            kafkas = context.getStateStore(KAFKAS);
        }

        @Override
        public void process(Record<String, String> record) {
            for (int i = 0; i < WRITES; i++) {
                String key = key();
                Object value = random.nextInt(4) == 0 ? null : value(record);
                ours.put(key, value);
                kafkas.put(key, value);
                compare("uncommitted", ours, kafkas);
            }
        }

        private Object value(Record<String, String> record) {
            String value = record.value() + "-" + "x".repeat(random.nextInt(60));
            if (ours instanceof org.apache.kafka.streams.state.TimestampedKeyValueStoreWithHeaders) {
                return ValueTimestampHeaders.make(value, record.timestamp(), record.headers());
            }
            return ours instanceof org.apache.kafka.streams.state.TimestampedKeyValueStore
                    ? ValueAndTimestamp.make(value, record.timestamp())
                    : value;
        }
    }

    private String key() {
        return "key-" + (char) ('a' + random.nextInt(KEYS));
    }

    /** Compares on a separate thread, like queries from outside of the topology. */
    private void compare(String when, StateStore ours, StateStore kafkas) {
        CompletableFuture.runAsync(() -> {
                    for (IsolationLevel level : IsolationLevel.values()) {
                        compareReadOnly(
                                when, typed(ours).readOnly(level), typed(kafkas).readOnly(level), level);
                        compareQueries(when, ours, kafkas, level);
                    }
                    same(when + ", position", ours.getPosition(), kafkas.getPosition());
                })
                .join();
    }

    @SuppressWarnings("unchecked")
    private static ReadOnlyKeyValueStore<String, Object> typed(StateStore store) {
        return (ReadOnlyKeyValueStore<String, Object>) store;
    }

    private void compareReadOnly(
            String when,
            ReadOnlyKeyValueStore<String, Object> ours,
            ReadOnlyKeyValueStore<String, Object> kafkas,
            IsolationLevel level) {
        String from = key();
        String to = key();
        compareReadOnly(when + ", get at " + level, ours, kafkas, store -> store.get(from));
        compareReadOnly(when + ", all at " + level, ours, kafkas, store -> entries(store.all()));
        compareReadOnly(when + ", reverseAll at " + level, ours, kafkas, store -> entries(store.reverseAll()));
        compareReadOnly(when + ", range at " + level, ours, kafkas, store -> entries(store.range(from, to)));
        compareReadOnly(
                when + ", reverseRange at " + level, ours, kafkas, store -> entries(store.reverseRange(from, to)));
        compareReadOnly(
                when + ", prefixScan at " + level,
                ours,
                kafkas,
                store -> entries(store.prefixScan("key-", new StringSerializer())));
    }

    private void compareReadOnly(
            String what,
            ReadOnlyKeyValueStore<String, Object> ours,
            ReadOnlyKeyValueStore<String, Object> kafkas,
            Function<ReadOnlyKeyValueStore<String, Object>, Object> read) {
        same(what, answer(() -> read.apply(ours)), answer(() -> read.apply(kafkas)));
    }

    private void compareQueries(String when, StateStore ours, StateStore kafkas, IsolationLevel level) {
        String from = key();
        String to = key();
        RangeQuery<String, Object> range =
                from.compareTo(to) < 0 ? RangeQuery.withRange(from, to) : RangeQuery.withRange(to, from);
        // On threads other than that of the task, RocksDBStore 4.4.0 ignores an upper bound without a lower one.
        Query<?> upTo = level == IsolationLevel.READ_COMMITTED
                ? RangeQuery.withUpperBound(to)
                : RangeQuery.<String, Object>withRange("", to);
        List<Query<?>> queries = List.of(
                KeyQuery.withKey(from),
                KeyQuery.withKey(from).skipCache(),
                range,
                range.withDescendingKeys(),
                RangeQuery.withNoBounds(),
                RangeQuery.<String, Object>withNoBounds().withDescendingKeys(),
                RangeQuery.withLowerBound(from),
                upTo);
        List<PositionBound> bounds = List.of(PositionBound.unbounded(), PositionBound.at(ours.getPosition()));
        for (Query<?> query : queries) {
            for (PositionBound bound : bounds) {
                QueryConfig config = new QueryConfig(false, level);
                String what = when + ", " + query.getClass().getSimpleName() + " at " + level + " " + bound;
                same(
                        what,
                        answer(() -> describe(ours.query(query, bound, config))),
                        answer(() -> describe(kafkas.query(query, bound, config))));
            }
        }
    }

    private static String describe(QueryResult<?> result) {
        String answer = result.isFailure()
                ? result.getFailureReason().toString()
                : result.getResult() instanceof KeyValueIterator<?, ?> iterator
                        ? entries(iterator).toString()
                        : String.valueOf(result.getResult());
        return answer + " as of " + result.getPosition();
    }

    private static List<String> entries(KeyValueIterator<?, ?> iterator) {
        List<String> entries = new ArrayList<>();
        try (iterator) {
            while (iterator.hasNext()) {
                KeyValue<?, ?> entry = iterator.next();
                entries.add(entry.key + "=" + entry.value);
            }
        }
        return entries;
    }

    private interface Answer {
        Object get();
    }

    private static String answer(Answer answer) {
        try {
            return String.valueOf(answer.get());
        } catch (RuntimeException e) {
            return e.getClass().getName();
        }
    }

    private void same(String what, Object ours, Object kafkas) {
        compared++;
        if (!ours.toString().equals(kafkas.toString()) && differences.size() < 5) {
            differences.add(what + ":\n  ours   " + ours + "\n  Kafka's " + kafkas);
        }
    }
}
