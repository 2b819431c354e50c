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

import io.vlogstreams.VLogKeyIterator;
import io.vlogstreams.VLogKeysQuery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads query the active store and its standby, by both interfaces, while the application writes. */
class InteractiveQueryIT extends BrokerTest {

    private static final int KEYS = 40;
    private static final int RECORDS = 1000;

    /** The most records that are written while a slow reader catches up. */
    private static final int MAX_RECORDS = 20 * RECORDS;

    /** How often each reader must read while records are written. */
    private static final int STEPS = 10;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean allWritten = new AtomicBoolean();

    /** The number of steps of each reader. */
    private final Map<String, AtomicInteger> steps = new TreeMap<>();

    private App active;
    private App standby;

    @AfterEach
    void stopThreads() {
        allWritten.set(true);
        threads.shutdown();
    }

    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void queriesDuringWritesSeeWholeValuesThatNeverGoBack(String guarantee) throws Exception {
        String input = topic("input", 1);
        startActiveAndStandby(input, guarantee);

        List<Future<?>> readers = new ArrayList<>();
        readers.add(read("get", seen -> readOne(active.store(STORE), seen)));
        readers.add(read("scans", seen -> readMany(active.store(STORE), seen)));
        readers.add(read("IQv2 on the active", seen -> queryActive(seen)));
        readers.add(read("scans of the standby", seen -> readMany(standby.storeOrStandby(STORE), seen)));
        readers.add(read("IQv2 on the standby", seen -> queryStandbyUpToActive()));
        readers.add(read("keys of the active", seen -> queryKeys(active)));
        readers.add(read("keys of the standby", seen -> queryKeys(standby)));
        readers.add(read("interrupted", seen -> beInterrupted()));
        Map<String, Payload> expected = write(input);
        awaitProcessed(input);
        allWritten.set(true);

        for (Future<?> reader : readers) {
            reader.get();
        }
        assertThat(steps).as("steps of each reader").hasSameSizeAs(readers);
        assertThat(haveAllRead()).as("enough steps: %s", steps).isTrue();
        assertThat(active.contents(STORE)).isEqualTo(expected);
        assertPositions(input);
        assertThat(App.contents(standby.storeOrStandby(STORE))).isEqualTo(expected);
        assertThat(queryKeys(active)).containsExactlyElementsOf(expected.keySet());
        assertThat(queryKeys(standby)).containsExactlyElementsOf(expected.keySet());
    }

    private void startActiveAndStandby(String input, String guarantee) {
        Map<String, String> settings = with(
                guarantee(guarantee),
                Map.of(
                        StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG,
                        "1",
                        StreamsConfig.InternalConfig.IQ_CONSISTENCY_OFFSET_VECTOR_ENABLED,
                        "true",
                        "vlog.file.bytes.max",
                        "1048576",
                        "vlog.open.files.max",
                        "4"));
        App first = app(() -> Topologies.documents(input, StoreFormat.PLAIN), settings, folder.resolve("first"))
                .launch();
        App second = app(() -> Topologies.documents(input, StoreFormat.PLAIN), settings, folder.resolve("second"))
                .launch();
        await("one instance to have the active task and the other the standby")
                .atMost(PATIENCE)
                .until(() -> (hasActive(first) && hasStandby(second)) || (hasActive(second) && hasStandby(first)));
        active = hasActive(first) ? first : second;
        standby = hasActive(first) ? second : first;
        await("both stores to answer").atMost(PATIENCE).ignoreExceptions().until(() -> {
            int answers = App.contents(active.store(STORE)).size();
            return answers + App.contents(standby.storeOrStandby(STORE)).size() == 0;
        });
    }

    private static boolean hasActive(App app) {
        return app.streams().metadataForLocalThreads().stream()
                .anyMatch(thread -> !thread.activeTasks().isEmpty());
    }

    private static boolean hasStandby(App app) {
        return app.streams().metadataForLocalThreads().stream()
                .anyMatch(thread -> !thread.standbyTasks().isEmpty());
    }

    private Map<String, Payload> write(String input) {
        Map<String, Payload> expected = new TreeMap<>();
        for (int i = 0; i < RECORDS || (i < MAX_RECORDS && !haveAllRead()); i++) {
            String key = key(i);
            Payload payload = new Payload(key, i, i % 100 == 7 ? Payload.SIZE_MAX : 100 + i * 37 % 20_000);
            broker.send(input, key, payload.encode());
            expected.put(key, payload);
            if (i % 50 == 0) {
                // Not all at once, so that the readers meet many commits.
                broker.flush();
            }
        }
        return expected;
    }

    private boolean haveAllRead() {
        return steps.values().stream().allMatch(done -> done.get() > STEPS);
    }

    private static String key(int number) {
        return "key-" + number % KEYS;
    }

    /** Repeats a step until all records are written, and counts the repetitions. */
    private Future<?> read(String name, Consumer<Map<String, Integer>> step) {
        AtomicInteger done = new AtomicInteger();
        steps.put(name, done);
        return threads.submit(() -> {
            Thread.currentThread().setName(name);
            Map<String, Integer> seen = new HashMap<>();
            while (!allWritten.get()) {
                step.accept(seen);
                done.incrementAndGet();
            }
        });
    }

    private static void check(String key, byte[] value, Map<String, Integer> seen) {
        Payload payload = Payload.decode(key, value);
        Integer before = seen.put(key, payload.version());
        if (before != null) {
            assertThat(payload.version()).as("version of %s", key).isGreaterThanOrEqualTo(before);
        }
    }

    private static void readOne(ReadOnlyKeyValueStore<String, byte[]> store, Map<String, Integer> seen) {
        String key = key(new Random().nextInt(KEYS));
        byte[] value = store.get(key);
        if (value != null) {
            check(key, value, seen);
        }
    }

    private static void readMany(ReadOnlyKeyValueStore<String, byte[]> store, Map<String, Integer> seen) {
        checkAll(store.all(), seen);
        checkAll(store.reverseAll(), seen);
        checkAll(store.range("key-2", "key-30"), seen);
        checkAll(store.reverseRange("key-1", null), seen);
        checkAll(store.prefixScan("key-1", new StringSerializer()), seen);
    }

    /** Checks the values, and that the keys come in order. */
    private static void checkAll(KeyValueIterator<String, byte[]> iterator, Map<String, Integer> seen) {
        try (iterator) {
            List<String> keys = new ArrayList<>();
            iterator.forEachRemaining(entry -> {
                check(entry.key, entry.value, seen);
                keys.add(entry.key);
            });
            List<String> sorted =
                    new ArrayList<>(keys.stream().distinct().sorted().toList());
            if (keys.size() > 1 && keys.get(0).compareTo(keys.get(1)) > 0) {
                Collections.reverse(sorted);
            }
            assertThat(keys).isEqualTo(sorted);
        }
    }

    private static <R> QueryResult<R> query(App app, Query<R> query, PositionBound bound) {
        return app.streams()
                .query(StateQueryRequest.inStore(STORE).withQuery(query).withPositionBound(bound))
                .getPartitionResults()
                .get(0);
    }

    /** Checks that a query which is bounded by the position of an earlier one sees at least the same data. */
    private void queryActive(Map<String, Integer> seen) {
        String key = key(new Random().nextInt(KEYS));
        QueryResult<byte[]> one = query(active, KeyQuery.<String, byte[]>withKey(key), PositionBound.unbounded());
        checkUpTo(one.getPosition(), key, one.getResult(), seen);
        QueryResult<KeyValueIterator<String, byte[]>> range = query(
                active, RangeQuery.<String, byte[]>withRange("key-1", "key-3"), PositionBound.at(one.getPosition()));
        assertThat(range.isSuccess()).isTrue();
        checkAll(range.getResult(), seen);
    }

    private static List<String> queryKeys(App app) {
        List<String> keys = new ArrayList<>();
        try (VLogKeyIterator<String> iterator = query(
                        app, VLogKeysQuery.withNoBounds(Serdes.String()), PositionBound.unbounded())
                .getResult()) {
            iterator.forEachRemaining(keys::add);
        }
        assertThat(keys).isSorted().doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(KEYS);
        return keys;
    }

    /** Checks that a standby which has reached the position of the active store has its data. */
    private void queryStandbyUpToActive() {
        String key = key(new Random().nextInt(KEYS));
        Position wanted = query(active, KeyQuery.<String, byte[]>withKey(key), PositionBound.unbounded())
                .getPosition();
        // Repeated while the standby catches up.
        while (!allWritten.get()) {
            QueryResult<byte[]> copy = query(standby, KeyQuery.<String, byte[]>withKey(key), PositionBound.at(wanted));
            if (copy.isSuccess()) {
                checkUpTo(wanted, key, copy.getResult(), new HashMap<>());
                checkUpTo(copy.getPosition(), key, copy.getResult(), new HashMap<>());
                return;
            }
            assertThat(copy.getFailureReason()).isEqualTo(FailureReason.NOT_UP_TO_BOUND);
        }
    }

    /** Checks that the value is not older than the position. The version of a record is its offset. */
    private static void checkUpTo(Position position, String key, byte[] value, Map<String, Integer> seen) {
        Long offset = position.getTopics().stream()
                .map(topic -> position.getPartitionPositions(topic).get(0))
                // Kafka's Position adds a topic a moment before its first partition.
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(-1L);
        long newest = offset - Math.floorMod(offset - Integer.parseInt(key.substring("key-".length())), KEYS);
        if (newest >= 0) {
            assertThat(value).as("%s at %s", key, position).isNotNull();
            assertThat(Payload.decode(key, value).version())
                    .as("version of %s at %s", key, position)
                    .isGreaterThanOrEqualTo((int) newest);
        }
        if (value != null) {
            check(key, value, seen);
        }
    }

    /**
     * Reads on a thread that is interrupted all the time. It may fail, but must not see wrong data or disturb others.
     */
    private void beInterrupted() {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            try {
                readMany(active.store(STORE), new HashMap<>());
            } catch (RuntimeException | AssertionError e) {
                failure.set(e);
            }
        });
        reader.start();
        try {
            while (reader.isAlive()) {
                reader.interrupt();
                reader.join(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure.get() != null) {
            throw new AssertionError("a reader that was interrupted failed", failure.get());
        }
    }

    private void assertPositions(String input) {
        long last = broker.end(input) - 1;
        Position end = Position.emptyPosition().withComponent(input, 0, last);
        Position beyond = Position.emptyPosition().withComponent(input, 0, last + 1);
        KeyQuery<String, byte[]> any = KeyQuery.withKey(key(0));

        QueryResult<byte[]> result = query(active, any, PositionBound.at(end));
        assertThat(result.isSuccess()).isTrue();
        assertThat(result.getPosition()).isEqualTo(end);
        await("the standby to come up to the bound")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> query(standby, any, PositionBound.at(end)).isSuccess());
        for (App app : List.of(active, standby)) {
            assertThat(query(app, any, PositionBound.at(beyond)).getFailureReason())
                    .isEqualTo(FailureReason.NOT_UP_TO_BOUND);
        }
    }
}
