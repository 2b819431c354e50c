/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.FolderOfOpenStore;
import io.vlogstreams.VLogConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * A store with a changelog, and a fake of Kafka Streams that opens stores, restores them, and reacts to their
 * exceptions. Every reader must find the content of the changelog, or an error that disappears after the store was
 * reopened a few times.
 */
final class DamagedStore implements AutoCloseable {

    /**
     * For each of two damages, opening the store or a read detects it; and Streams wipes the task in between.
     */
    private static final int MAX_OPENINGS = 6;

    private static final int KEYS = 80;

    private final boolean exactlyOnce;
    private final boolean signalled;
    private final Map<String, Object> properties;
    private final List<String[]> changelog;
    private final Path taskFolder;
    private TestKeyValueStore store;

    /** Records written to the changelog in an open transaction. */
    private final List<String[]> pending = new ArrayList<>();

    private DamagedStore(
            Path taskFolder,
            boolean exactlyOnce,
            boolean signalled,
            Map<String, Object> properties,
            List<String[]> changelog) {
        this.taskFolder = taskFolder;
        this.exactlyOnce = exactlyOnce;
        this.signalled = signalled;
        this.properties = properties;
        this.changelog = new ArrayList<>(changelog);
    }

    static DamagedStore create(Path taskFolder, Random random) {
        boolean exactlyOnce = random.nextBoolean();
        Map<String, Object> properties = new TreeMap<>();
        properties.put(VLogConfig.FILE_BYTES_MAX, random.nextBoolean() ? 2048 : 16_384);
        properties.put(VLogConfig.THRESHOLD_BYTES, random.nextBoolean() ? 16 : 300);
        properties.put(VLogConfig.CACHE_LOCATIONS_BYTES, random.nextInt(3) == 0 ? 0 : 1 << 20);
        properties.put(VLogConfig.COMPRESSION_TYPE, random.nextInt(3) == 0 ? "lz4" : "none");
        if (random.nextInt(4) > 0) {
            properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SmallTables.class);
        }
        if (exactlyOnce) {
            properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        }
        return new DamagedStore(taskFolder, exactlyOnce, random.nextInt(3) > 0, properties, List.of());
    }

    /** Creates a copy of the store in another folder. */
    DamagedStore copy(Path copy) throws IOException {
        new FolderOfOpenStore(taskFolder).copyTo(copy);
        return new DamagedStore(copy, exactlyOnce, signalled, properties, changelog);
    }

    /** Tables so small that a history has several of them. */
    public static class SmallTables implements RocksDBConfigSetter {

        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            options.setWriteBufferSize(64 << 10);
            options.setLevel0FileNumCompactionTrigger(3);
        }

        @Override
        public void close(String storeName, Options options) {}
    }

    Path folder() {
        return taskFolder.resolve(VLogStoreSupplier.SCOPE).resolve(TestKeyValueStore.NAME);
    }

    boolean exactlyOnce() {
        return exactlyOnce;
    }

    private TestKeyValueStore newInstance() {
        TestKeyValueStore instance = TestKeyValueStore.in(taskFolder).withChangelog(true);
        properties.forEach(instance::with);
        return instance;
    }

    /** Puts and deletes at random, and commits from time to time. */
    void write(Random random, int count) {
        if (exactlyOnce && signalled) {
            ThreadTransaction.signalsBegin();
        }
        try {
            for (int i = 0; i < count; i++) {
                String key = "key-" + random.nextInt(KEYS);
                String value =
                        random.nextInt(5) == 0 ? null : "v" + random.nextInt(1 << 20) + "-".repeat(random.nextInt(400));
                store.put(key, value);
                (exactlyOnce ? pending : changelog).add(new String[] {key, value});
                if (random.nextInt(12) == 0) {
                    commit();
                }
            }
        } finally {
            ThreadTransaction.signalsEnd();
        }
    }

    private void commit() {
        changelog.addAll(pending);
        pending.clear();
        if (exactlyOnce && signalled) {
            ThreadTransaction.committed(Map.of(TestKeyValueStore.CHANGELOG, changelog.size() - 1L));
        } else {
            store.commit(changelog.size() - 1L);
        }
    }

    /** Kills the process: the store continues in a copy of its folder. */
    DamagedStore kill(Path copy) throws IOException {
        DamagedStore left = copy(copy);
        close();
        return left;
    }

    /** Opens the store, as often as Streams would, until it is restored and matches the changelog. */
    void recover(Random random) throws IOException {
        List<Throwable> errors = new ArrayList<>();
        for (int opening = 0; opening < MAX_OPENINGS; opening++) {
            try {
                if (openAndRestore(random)) {
                    check();
                    return;
                }
            } catch (TaskCorruptedException e) {
                errors.add(e);
                boolean wiped = store == null || exactlyOnce;
                close();
                if (wiped) {
                    FolderOfOpenStore.delete(taskFolder);
                }
            } catch (StreamsException e) {
                errors.add(e);
                close();
            }
        }
        AssertionError failure = new AssertionError("not healed by " + MAX_OPENINGS + " openings");
        errors.forEach(failure::addSuppressed);
        throw failure;
    }

    void closeAndRecover(Random random) throws IOException {
        close();
        recover(random);
    }

    /** Returns false if Streams wipes the task instead, because its content is unknown. */
    private boolean openAndRestore(Random random) throws IOException {
        TestKeyValueStore opening = newInstance();
        boolean isNew = !taskFolder.toFile().exists();
        opening.open();
        store = opening;
        Long offset = store.committedOffset();
        if (offset == null && exactlyOnce && !isNew) {
            close();
            FolderOfOpenStore.delete(taskFolder);
            return false;
        }
        int next = offset == null || offset < 0 ? 0 : (int) (offset + 1);
        assertThat(next).as("no offset that the changelog does not have").isLessThanOrEqualTo(changelog.size());
        while (next < changelog.size()) {
            int end = Math.min(changelog.size(), next + 1 + random.nextInt(200));
            store.restore(
                    next,
                    changelog.subList(next, end).stream()
                            .flatMap(entry -> Arrays.stream(entry))
                            .toArray(String[]::new));
            next = end;
        }
        if (!changelog.isEmpty()) {
            store.commit(changelog.size() - 1L);
        }
        return true;
    }

    /** Compares every key, and scans in both directions, with the changelog. */
    void check() {
        Map<String, String> expected = new TreeMap<>();
        for (List<String[]> written : List.of(changelog, pending)) {
            written.forEach(entry -> expected.put(entry[0], entry[1]));
        }
        for (int i = 0; i < KEYS; i++) {
            assertThat(store.get("key-" + i)).as("key-%s", i).isEqualTo(expected.get("key-" + i));
        }
        expected.values().removeIf(value -> value == null);
        assertThat(contents(store.store().all())).as("scan").isEqualTo(expected);
        assertThat(contents(store.store().reverseAll())).as("scan backwards").isEqualTo(expected);
    }

    private static Map<String, String> contents(KeyValueIterator<Bytes, byte[]> iterator) {
        Map<String, String> contents = new TreeMap<>();
        try (iterator) {
            iterator.forEachRemaining(entry ->
                    contents.put(TestKeyValueStore.text(entry.key.get()), TestKeyValueStore.text(entry.value)));
        }
        return contents;
    }

    /** Writes and reads while the cleanup works; returns false if the store detected damage and was closed. */
    boolean goOn(Random random) {
        try {
            for (int i = 0; i < 4; i++) {
                write(random, 60);
                check();
            }
            return true;
        } catch (StreamsException e) {
            close();
            return false;
        }
    }

    /** Closes like Streams, which logs exceptions of a store and continues. */
    @Override
    public void close() {
        pending.clear();
        TestKeyValueStore closing = store;
        store = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (StreamsException e) {
                // The store is damaged, and reports that again when it is opened.
            }
        }
    }
}
