/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.FakeStateStoreContext;
import io.vlogstreams.FolderOfOpenStore;
import io.vlogstreams.VLogConfig;
import io.vlogstreams.VLogKeyIterator;
import io.vlogstreams.VLogKeysQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Runs the steps of one history on a store and on its models: a map, and optionally Kafka's own store. The meaning of a
 * step does not depend on earlier steps, so that steps can be left out.
 */
final class RandomHistory implements AutoCloseable {

    enum Kind {
        PUT,
        DELETE,
        PUT_IF_ABSENT,
        PUT_ALL,
        GET,
        SCAN,
        OPEN_ITERATOR,
        ADVANCE_ITERATOR,
        CLOSE_ITERATOR,
        COMMIT,
        RESTORE,
        CLEAN_UP,
        REOPEN,
        KILL
    }

    /** A step; the kind defines the meaning of the numbers. */
    record Step(Kind kind, int a, int b, int c) {}

    private static final String NAME = "store";
    private static final TopicPartition CHANGELOG = new TopicPartition("app-store-changelog", 0);
    private static final Long UNKNOWN = -4L;
    private static final int MAX_ITERATORS = 4;
    private static final List<Bytes> KEYS = keys();

    private final Path folder;
    private final RandomOptions options;
    private final KeyValueStore<Bytes, byte[]> oracle;

    private VLogKeyValueStore store;
    private FakeStateStoreContext context;
    private Path taskFolder;
    private int taskFolders;
    private int openings;

    private NavigableMap<Bytes, byte[]> model = new TreeMap<>();
    private NavigableMap<Bytes, byte[]> committed = new TreeMap<>();

    /** The map after each write since the last commit, any of which a spill may have made durable. */
    private final List<NavigableMap<Bytes, byte[]>> sinceCommit = new ArrayList<>();

    private long offset;
    private Long committedOffset;

    /** The state before the last restored batch, to which a kill may take the store back. */
    private BeforeRestore beforeRestore;

    private final List<HeldIterator> iterators = new ArrayList<>();

    private record BeforeRestore(NavigableMap<Bytes, byte[]> contents, Long offset) {}

    private record HeldIterator(
            KeyValueIterator<Bytes, byte[]> iterator, Iterator<Map.Entry<Bytes, byte[]>> expected) {}

    RandomHistory(Path folder, RandomOptions options, boolean withOracle) {
        this.folder = folder;
        this.options = options;
        this.oracle = withOracle ? Stores.persistentKeyValueStore("oracle").get() : null;
        if (withOracle) {
            oracle.init(new FakeStateStoreContext(folder.resolve("oracle"), Map.of()), oracle);
        }
        taskFolder = nextTaskFolder();
        open();
    }

    static List<Step> steps(long seed, int count) {
        Random random = new Random(seed);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            steps.add(new Step(
                    kind(random.nextInt(200)),
                    random.nextInt(1 << 16),
                    random.nextInt(1 << 16),
                    random.nextInt(1 << 16)));
        }
        return steps;
    }

    private static Kind kind(int of200) {
        int[] weights = {70, 20, 10, 8, 25, 18, 8, 14, 6, 9, 5, 5, 1, 1};
        int sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            if (of200 < sum) {
                return Kind.values()[i];
            }
        }
        throw new IllegalArgumentException("weights add up to " + sum);
    }

    void run(List<Step> steps) throws IOException {
        for (Step step : steps) {
            run(step);
        }
        commit();
        closeIterators();
        checkContents();
        kill();
        checkContents();
    }

    private void run(Step step) throws IOException {
        Bytes key = key(step.a());
        byte[] value = value(step.b(), step.c());
        switch (step.kind()) {
            case PUT -> {
                store.put(key, value);
                wrote(key, value);
            }
            case DELETE -> {
                assertSame("delete", model.get(key), store.delete(key));
                wrote(key, null);
            }
            case PUT_IF_ABSENT -> {
                byte[] present = model.get(key);
                assertSame("putIfAbsent", present, store.putIfAbsent(key, value));
                if (present == null) {
                    wrote(key, value);
                }
            }
            case PUT_ALL -> putAll(step);
            case GET -> {
                assertSame("get", model.get(key), store.get(key));
                if (oracle != null) {
                    assertSame("oracle get", oracle.get(key), store.get(key));
                }
            }
            case SCAN -> scan(step);
            case OPEN_ITERATOR -> openIterator(step);
            case ADVANCE_ITERATOR -> advanceIterator(step);
            case CLOSE_ITERATOR -> {
                if (!iterators.isEmpty()) {
                    iterators.remove(step.a() % iterators.size()).iterator().close();
                }
            }
            case COMMIT -> commit();
            case RESTORE -> restore(step);
            case CLEAN_UP -> store.cleanUp();
            case REOPEN -> reopen();
            case KILL -> kill();
        }
    }

    private void putAll(Step step) {
        List<KeyValue<Bytes, byte[]>> entries = new ArrayList<>();
        for (int i = 0; i <= step.c() % 5; i++) {
            int number = step.b() + i;
            entries.add(KeyValue.pair(key(step.a() + 3 * i), number % 4 == 0 ? null : value(number, step.c() + i)));
        }
        store.putAll(entries);
        entries.forEach(entry -> wrote(entry.key, entry.value));
    }

    private void wrote(Bytes key, byte[] value) {
        change(model, key, value);
        if (options.maySpill() && !options.forgetful()) {
            sinceCommit.add(new TreeMap<>(model));
        }
        if (oracle != null) {
            oracle.put(key, value);
        }
    }

    private static void change(Map<Bytes, byte[]> map, Bytes key, byte[] value) {
        if (value == null) {
            map.remove(key);
        } else {
            map.put(key, value);
        }
    }

    private void scan(Step step) {
        List<KeyValue<Bytes, byte[]>> found = drain(iterate(store, step));
        assertEntries("scan", entries(expected(step)), found);
        scanKeys(step);
        if (oracle != null && !isBeyondTheOracle(step)) {
            assertEntries("oracle scan", drain(iterate(oracle, step)), found);
        }
    }

    /** The same scan for keys only. */
    private void scanKeys(Step step) {
        Bytes from = key(step.a());
        Bytes to = key(step.b());
        VLogKeysQuery<Bytes> query = switch (step.c() % 8) {
            case 0, 1 -> VLogKeysQuery.withNoBounds(Serdes.Bytes());
            case 2, 3 -> VLogKeysQuery.withRange(from, to, Serdes.Bytes());
            case 4 -> VLogKeysQuery.withUpperBound(to, Serdes.Bytes());
            case 5 -> VLogKeysQuery.withLowerBound(from, Serdes.Bytes());
            default -> VLogKeysQuery.withPrefix(prefix(step), new BytesSerializer(), Serdes.Bytes());
        };
        List<Bytes> found = new ArrayList<>();
        try (VLogKeyIterator<Bytes> keys = store.query(
                        isAscending(step) ? query : query.withDescendingKeys(),
                        PositionBound.unbounded(),
                        new QueryConfig(false))
                .getResult()) {
            keys.forEachRemaining(found::add);
        }
        assertThat(found)
                .as("keys of a scan")
                .containsExactlyElementsOf(expected(step).keySet());
    }

    /**
     * Kafka's store ends the prefix 00 FF before 01 00 and so returns the key 01, too, which does not start with it.
     */
    private static boolean isBeyondTheOracle(Step step) {
        byte[] prefix = prefix(step).get();
        return step.c() % 8 > 5 && prefix.length > 0 && prefix[prefix.length - 1] == (byte) 0xFF;
    }

    private void openIterator(Step step) {
        if (iterators.size() < MAX_ITERATORS) {
            Map<Bytes, byte[]> snapshot = new LinkedHashMap<>(expected(step));
            iterators.add(
                    new HeldIterator(iterate(store, step), snapshot.entrySet().iterator()));
        }
    }

    private void advanceIterator(Step step) {
        if (iterators.isEmpty()) {
            return;
        }
        HeldIterator held = iterators.get(step.a() % iterators.size());
        for (int i = 0; i <= step.b() % 6; i++) {
            assertThat(held.iterator().hasNext())
                    .as("held iterator")
                    .isEqualTo(held.expected().hasNext());
            if (!held.expected().hasNext()) {
                return;
            }
            Map.Entry<Bytes, byte[]> expected = held.expected().next();
            if (step.c() % 2 == 0) {
                assertThat(held.iterator().peekNextKey()).isEqualTo(expected.getKey());
            }
            KeyValue<Bytes, byte[]> next = held.iterator().next();
            assertThat(next.key).as("key of a held iterator").isEqualTo(expected.getKey());
            assertSame("value of a held iterator", expected.getValue(), next.value);
        }
    }

    private static boolean isAscending(Step step) {
        return step.c() % 8 >= 5 || step.c() % 2 == 0;
    }

    /** Opens an iterator; number c selects the kind of scan, the others its range. */
    private static KeyValueIterator<Bytes, byte[]> iterate(KeyValueStore<Bytes, byte[]> of, Step step) {
        Bytes from = key(step.a());
        Bytes to = key(step.b());
        return switch (step.c() % 8) {
            case 0 -> of.all();
            case 1 -> of.reverseAll();
            case 2 -> of.range(from, to);
            case 3 -> of.reverseRange(from, to);
            case 4 -> of.range(null, to);
            case 5 -> of.range(from, null);
            default -> of.prefixScan(prefix(step), new BytesSerializer());
        };
    }

    private NavigableMap<Bytes, byte[]> expected(Step step) {
        Bytes from = key(step.a());
        Bytes to = key(step.b());
        NavigableMap<Bytes, byte[]> within = switch (step.c() % 8) {
            case 0, 1 -> model;
            case 2, 3 -> from.compareTo(to) > 0 ? new TreeMap<>() : model.subMap(from, true, to, true);
            case 4 -> model.headMap(to, true);
            case 5 -> model.tailMap(from, true);
            default -> withPrefix(prefix(step));
        };
        return isAscending(step) ? within : within.descendingMap();
    }

    private NavigableMap<Bytes, byte[]> withPrefix(Bytes prefix) {
        NavigableMap<Bytes, byte[]> within = new TreeMap<>(model);
        within.keySet().removeIf(key -> !startsWith(key.get(), prefix.get()));
        return within;
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static Bytes prefix(Step step) {
        byte[] key = key(step.a()).get();
        return Bytes.wrap(Arrays.copyOf(key, Math.min(key.length, step.b() % 3)));
    }

    private void commit() {
        offset++;
        store.commit(Map.of(CHANGELOG, offset));
        beforeRestore = null;
        boolean everWritten = committedOffset != null || !model.isEmpty() || !committed.isEmpty();
        if (store.committedOffset(CHANGELOG) == null && !everWritten) {
            return; // a store that was never written accepts no offset
        }
        nowCommitted(store.committedOffset(CHANGELOG) == null ? null : offset);
        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(committedOffset);
    }

    private void nowCommitted(Long at) {
        committedOffset = at;
        committed = new TreeMap<>(model);
        sinceCommit.clear();
    }

    /** Restores a batch. A restoring task has no uncommitted writes. */
    private void restore(Step step) {
        commit();
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i <= step.c() % 6; i++) {
            int number = step.b() + i;
            Bytes key = key(step.a() + 5 * (i % 3));
            byte[] value = number % 4 == 0 ? null : value(number, step.c() + i);
            records.add(new ConsumerRecord<>(CHANGELOG.topic(), CHANGELOG.partition(), ++offset, key.get(), value));
        }
        beforeRestore = new BeforeRestore(committed, committedOffset);
        context.restore(records);
        records.forEach(record -> wrote(Bytes.wrap(record.key()), record.value()));
        nowCommitted(offset);
        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(committedOffset);
    }

    private void reopen() throws IOException {
        iterators.clear(); // the store closes them
        store.close();
        if (options.forgetful()) {
            openAtLastCommit();
        } else {
            open();
            nowCommitted(committedOffset);
        }
        checkContents();
    }

    /** Kills the process, which leaves the folder in its current state. */
    private void kill() throws IOException {
        Path left = nextTaskFolder();
        new FolderOfOpenStore(taskFolder).copyTo(left);
        iterators.clear();
        store.close();
        FolderOfOpenStore.delete(taskFolder);
        taskFolder = left;
        openAtLastCommit();
        checkContents();
    }

    private void openAtLastCommit() throws IOException {
        open();
        if (isEmptied()) {
            // After a commit without a signal it is unknown whether its transaction was committed, until a write
            // follows.
            boolean inDoubt = !options.transactional() && model.equals(committed);
            assertThat(options.forgetful() && (options.maySpill() || inDoubt))
                    .as("the store may be dirty")
                    .isTrue();
            rebuild();
        }
        if (beforeRestore != null && Objects.equals(store.committedOffset(CHANGELOG), beforeRestore.offset())) {
            committed = beforeRestore.contents();
            committedOffset = beforeRestore.offset();
            sinceCommit.clear();
        }
        setModel(options.forgetful() || !options.maySpill() ? committed : whatWasSpilled());
    }

    /** Returns whether the store reports that it was dirty and has to be restored. */
    private boolean isEmptied() {
        return Objects.equals(store.committedOffset(CHANGELOG), UNKNOWN)
                && !Objects.equals(committedOffset, UNKNOWN)
                && !(beforeRestore != null && UNKNOWN.equals(beforeRestore.offset()));
    }

    /** Restores the store from the beginning, as Kafka Streams does with an unknown offset. */
    private void rebuild() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        committed.forEach((key, value) -> records.add(
                new ConsumerRecord<>(CHANGELOG.topic(), CHANGELOG.partition(), ++offset, key.get(), value)));
        beforeRestore = new BeforeRestore(new TreeMap<>(), UNKNOWN);
        context.restore(records);
        committedOffset = records.isEmpty() ? UNKNOWN : Long.valueOf(offset);
    }

    /** Under at-least-once a killed store may have writes after its last commit: all up to some moment. */
    private NavigableMap<Bytes, byte[]> whatWasSpilled() {
        NavigableMap<Bytes, byte[]> found = new TreeMap<>();
        drain(store.all()).forEach(entry -> found.put(entry.key, entry.value));
        for (int i = sinceCommit.size() - 1; i >= 0; i--) {
            if (same(found, sinceCommit.get(i))) {
                return sinceCommit.get(i);
            }
        }
        return committed;
    }

    private static boolean same(Map<Bytes, byte[]> one, Map<Bytes, byte[]> other) {
        return one.keySet().equals(other.keySet())
                && one.entrySet().stream().allMatch(e -> Arrays.equals(e.getValue(), other.get(e.getKey())));
    }

    private void setModel(NavigableMap<Bytes, byte[]> state) {
        NavigableMap<Bytes, byte[]> before = model;
        model = new TreeMap<>(state);
        nowCommitted(committedOffset);
        if (oracle != null) {
            before.keySet().forEach(key -> oracle.put(key, model.get(key)));
            model.forEach(oracle::put);
        }
    }

    private void checkContents() {
        assertEntries("all", entries(model), drain(store.all()));
        assertEntries("reverseAll", entries(model.descendingMap()), drain(store.reverseAll()));
        model.forEach((key, value) -> assertSame("get", value, store.get(key)));
        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(committedOffset);
    }

    private void open() {
        Map<String, Object> properties = new HashMap<>(options.properties());
        List<String> compressions = options.compressions();
        properties.put(VLogConfig.COMPRESSION_TYPE, compressions.get(openings++ % compressions.size()));
        context = new FakeStateStoreContext(taskFolder, properties);
        store = (VLogKeyValueStore) VLogStoreSupplier.of(NAME, ValueFormat.PLAIN, VLogConfig.defaults())
                .get();
        store.init(context, store);
    }

    private Path nextTaskFolder() {
        return folder.resolve("task" + taskFolders++);
    }

    private void closeIterators() {
        iterators.forEach(held -> held.iterator().close());
        iterators.clear();
    }

    @Override
    public void close() {
        store.close();
        if (oracle != null) {
            oracle.close();
        }
    }

    private static void assertSame(String what, byte[] expected, byte[] found) {
        if (!Arrays.equals(expected, found)) {
            throw new AssertionError(what + ": expected " + describe(expected) + ", found " + describe(found));
        }
    }

    private static void assertEntries(
            String what, List<KeyValue<Bytes, byte[]>> expected, List<KeyValue<Bytes, byte[]>> found) {
        assertThat(found.stream().map(entry -> entry.key))
                .as(what)
                .containsExactlyElementsOf(
                        expected.stream().map(entry -> entry.key).toList());
        for (int i = 0; i < expected.size(); i++) {
            assertSame(what + " at " + expected.get(i).key, expected.get(i).value, found.get(i).value);
        }
    }

    private static String describe(byte[] value) {
        return value == null ? "nothing" : value.length + " bytes, hash " + Arrays.hashCode(value);
    }

    private static List<KeyValue<Bytes, byte[]>> entries(Map<Bytes, byte[]> map) {
        return map.entrySet().stream()
                .map(e -> KeyValue.pair(e.getKey(), e.getValue()))
                .toList();
    }

    private static List<KeyValue<Bytes, byte[]>> drain(KeyValueIterator<Bytes, byte[]> iterator) {
        List<KeyValue<Bytes, byte[]>> entries = new ArrayList<>();
        try (iterator) {
            iterator.forEachRemaining(entries::add);
        }
        return Collections.unmodifiableList(entries);
    }

    private static Bytes key(int number) {
        return KEYS.get(number % KEYS.size());
    }

    /** Returns short keys that are prefixes of each other, keys with the extreme byte values, and a long one. */
    private static List<Bytes> keys() {
        List<Bytes> keys = new ArrayList<>();
        int[] extremes = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};
        keys.add(Bytes.wrap(new byte[0]));
        for (int first : extremes) {
            keys.add(Bytes.wrap(new byte[] {(byte) first}));
            keys.add(Bytes.wrap(new byte[] {(byte) first, 0}));
            keys.add(Bytes.wrap(new byte[] {(byte) first, (byte) 0xFF}));
        }
        keys.add(Bytes.wrap(new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF}));
        byte[] longKey = new byte[700];
        Arrays.fill(longKey, (byte) 0x7F);
        keys.add(Bytes.wrap(longKey));
        return keys;
    }

    /** Returns a value with a size around the thresholds, or sometimes larger than a VLog file. */
    private static byte[] value(int number, int size) {
        int[] sizes = {0, 1, 20, 63, 64, 65, 200, 600, 900, 1100, 3000, 6000};
        byte[] value = new byte[sizes[size % sizes.length]];
        new Random(number).nextBytes(value);
        if (number % 3 > 0) {
            Arrays.fill(value, value.length / 3, value.length, (byte) number); // compressible
        }
        return value;
    }
}
