/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.FolderOfOpenStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.Options;

/**
 * A store with a damaged index is restored like one with a damaged log, under every guarantee, if it has a changelog.
 */
class VLogKeyValueStoreIndexDamageTest {

    private static final int KEYS = 400;

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @AfterEach
    void close() {
        if (test != null) {
            test.close();
        }
    }

    /** The files that a store of 400 keys can lose. */
    enum Lost {
        CURRENT,
        TABLE,
        MANIFEST,
        FOLDER,
        EVERYTHING_IN_IT;

        void lose(Path index) throws IOException {
            switch (this) {
                case CURRENT -> Files.delete(index.resolve("CURRENT"));
                case TABLE -> Files.write(first(index, ".*\\.sst"), new byte[0]);
                case MANIFEST -> Files.delete(first(index, "MANIFEST-.*"));
                case FOLDER -> FolderOfOpenStore.delete(index);
                case EVERYTHING_IN_IT -> {
                    FolderOfOpenStore.delete(index);
                    Files.createDirectory(index);
                }
            }
        }
    }

    private static Path first(Path folder, String pattern) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches(pattern))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    private TestKeyValueStore store() {
        return TestKeyValueStore.in(temp.resolve("task"))
                .with(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, DamagedStore.SmallTables.class);
    }

    private void fill(TestKeyValueStore opened) {
        test = opened;
        for (int i = 0; i < KEYS; i++) {
            test.put(key(i), i % 2 == 0 ? large(i) : "inline");
            if (i % 20 == 19) {
                test.commit(i);
            }
        }
        // Like the end of a transaction, or a standby: nothing is left uncommitted.
        test.close();
    }

    /** Returns a key so long that a few of them fill a table. */
    private static String key(int number) {
        return String.format("key-%0300d", number);
    }

    private Path index() {
        return test.folder().resolve("index");
    }

    private long highestFileId() throws IOException {
        try (Stream<Path> files = Files.list(test.folder().resolve("vlog"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".vlog"))
                    .mapToLong(name -> Long.parseLong(name.replace(".vlog", "")))
                    .max()
                    .orElse(0);
        }
    }

    private void assertIsRestoredWhole(Long offset) throws IOException {
        assertThat(test.committedOffset()).isEqualTo(offset);
        assertThat(test.all()).isEmpty();
        long before = highestFileId();
        test.restore(0, "a", large("restored"), "b", "inline");
        test.commit(1);
        assertThat(highestFileId()).as("no id is used again").isGreaterThan(before);
        test.reopen();
        assertThat(test.committedOffset()).isEqualTo(1);
        assertThat(test.all()).containsExactly("a=" + large("restored"), "b=inline");
    }

    @ParameterizedTest
    @EnumSource
    void underAtLeastOnceAStoreWithADamagedIndexIsEmptiedAndRestored(Lost lost) throws IOException {
        fill(store().withChangelog(true).open());
        lost.lose(index());
        test.open();
        assertIsRestoredWhole(null);
    }

    /** With null Streams would wipe the other stores of the task, too. */
    @ParameterizedTest
    @EnumSource
    void underExactlyOnceItSaysThatItsOffsetIsUnknown(Lost lost) throws IOException {
        fill(store().exactlyOnce().withChangelog(true).open());
        lost.lose(index());
        test.open();
        assertIsRestoredWhole(-4L);
    }

    @Test
    void aGlobalStoreIsRestoredToo() throws IOException {
        fill(store().exactlyOnce().global().withChangelog(true).open());
        Lost.CURRENT.lose(index());
        test.open();
        assertIsRestoredWhole(null);
    }

    @ParameterizedTest
    @EnumSource
    void aStoreWithoutChangelogIsRefusedAndLeftAsItIs(Lost lost) throws IOException {
        fill(store().withChangelog(false).open());
        new FolderOfOpenStore(test.folder()).copyTo(temp.resolve("backup"));
        lost.lose(index());
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(test::open)
                    .isInstanceOf(ProcessorStateException.class)
                    .hasMessageContainingAll("store documents", test.folder().toString(), "changelog", "delete it");
        }
        FolderOfOpenStore.delete(test.folder());
        new FolderOfOpenStore(temp.resolve("backup")).copyTo(test.folder());
        test.open();
        assertThat(test.all()).hasSize(KEYS);
    }

    /** A MANIFEST without its last byte lacks the column family of the commit point. */
    @ParameterizedTest
    @EnumSource(names = {"CURRENT", "MANIFEST"})
    void keysWithoutACommitPointAreNoNewStore(Lost restorable) throws IOException {
        boolean hasChangelog = restorable == Lost.CURRENT;
        test = TestKeyValueStore.in(temp.resolve("task"))
                .withChangelog(hasChangelog)
                .open();
        test.put("a", "1");
        test.put("b", "2");
        test.commit(1);
        TestKeyValueStore killed = test.killed(temp.resolve("killed"));
        test.close();
        test = killed;
        Path manifest = first(index(), "MANIFEST-.*");
        byte[] bytes = Files.readAllBytes(manifest);
        Files.write(manifest, Arrays.copyOf(bytes, bytes.length - 1));
        if (hasChangelog) {
            test.open();
            assertThat(test.committedOffset()).isNull();
            assertThat(test.all()).isEmpty();
        } else {
            assertThatThrownBy(test::open).isInstanceOf(ProcessorStateException.class);
        }
    }

    @Test
    void aNewStoreThatWasKilledIsANewStore() throws IOException {
        test = store().exactlyOnce().withChangelog(false).open();
        test.put("a", large("never committed"));
        TestKeyValueStore killed = test.killed(temp.resolve("killed"));
        test.close();
        test = killed.open();
        assertThat(test.all()).isEmpty();
        assertThat(test.committedOffset()).isNull();
    }

    /** Records that are not in the index are not part of the store. */
    @Test
    void aStoreWithoutItsLogIsRestoredToo() throws IOException {
        fill(store().withChangelog(true).open());
        FolderOfOpenStore.delete(test.folder().resolve("vlog"));
        test.open();
        assertThat(test.committedOffset()).isNull();
        assertThat(test.all()).isEmpty();
    }

    private void damageTables() throws IOException {
        try (Stream<Path> files = Files.list(index())) {
            for (Path table :
                    files.filter(file -> file.toString().endsWith(".sst")).toList()) {
                damageTable(table);
            }
        }
    }

    private static void damageTable(Path table) throws IOException {
        try {
            byte[] bytes = Files.readAllBytes(table);
            // In place, because RocksDB has the files open.
            bytes[50] ^= 1;
            Files.write(table, bytes, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            // A table of commit points that RocksDB has just compacted.
        }
    }

    /** The tables of locations are not compacted. */
    public static final class TablesThatStay extends DamagedStore.SmallTables {
        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            super.setConfig(storeName, options, configs);
            options.setDisableAutoCompactions(true);
        }
    }

    private TestKeyValueStore storeOfTablesThatStay() {
        return store().with(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, TablesThatStay.class);
    }

    @Test
    void damageFoundWhileRunningCorruptsTheTaskAndIsGoneAtTheNextOpening() throws IOException {
        fill(storeOfTablesThatStay().withChangelog(true).open());
        test.open();
        damageTables();
        assertThatThrownBy(() -> readAll())
                .isInstanceOf(TaskCorruptedException.class)
                .cause()
                .hasMessageContainingAll("store documents", "index");
        test.reopen();
        assertIsRestoredWhole(null);
    }

    @Test
    void underExactlyOnceItEndsTheThreadAndIsGoneAtTheNextOpening() throws IOException {
        fill(storeOfTablesThatStay().exactlyOnce().withChangelog(true).open());
        test.open();
        damageTables();
        assertThatThrownBy(() -> readAll()).isInstanceOf(ProcessorStateException.class);
        test.reopen();
        assertIsRestoredWhole(-4L);
    }

    private void readAll() {
        for (int i = 0; i < KEYS; i++) {
            test.get(key(i));
        }
        test.all();
        test.store().commit(Map.of());
    }
}
