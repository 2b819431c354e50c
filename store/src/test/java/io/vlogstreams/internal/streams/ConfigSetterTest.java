/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.VLogConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.apache.kafka.streams.state.internals.BlockBasedTableConfigWithAccessibleCache;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompactionStyle;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/** The kinds of {@code rocksdb.config.setter} that users write. */
class ConfigSetterTest {

    @TempDir
    Path temp;

    @BeforeEach
    void forget() {
        RecordingSetter.CALLS.clear();
    }

    /** The example on the page about memory in Kafka's documentation. */
    public static final class BoundedMemory implements RocksDBConfigSetter {

        static final Cache CACHE = new LRUCache(16 << 20, -1, false, 0.1);
        static final WriteBufferManager WRITE_BUFFERS = new WriteBufferManager(8 << 20, CACHE);

        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
            table.setBlockCache(CACHE);
            table.setCacheIndexAndFilterBlocks(true);
            options.setWriteBufferManager(WRITE_BUFFERS);
            table.setCacheIndexAndFilterBlocksWithHighPriority(true);
            table.setPinTopLevelIndexAndFilter(true);
            table.setBlockSize(4096);
            options.setMaxWriteBufferNumber(3);
            options.setWriteBufferSize(1 << 20);
            options.setTableFormatConfig(table);
        }

        @Override
        public void close(String storeName, Options options) {}
    }

    /**
     * A store in a JVM in which nothing has loaded RocksDB's native library yet, with a setter that has static objects
     * of RocksDB.
     */
    public static final class FreshJvm {

        private FreshJvm() {}

        /** The argument is the folder of the task. */
        public static void main(String[] args) {
            TestKeyValueStore store = TestKeyValueStore.in(Path.of(args[0]))
                    .with(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedMemory.class)
                    .open();
            store.put("a", "1");
            store.commit(1);
            store.reopen();
            if (!"1".equals(store.get("a"))) {
                throw new AssertionError(store.get("a"));
            }
            store.close();
        }
    }

    @Test
    void aSetterWithAStaticCacheMayBeTheFirstToUseRocksDb() throws Exception {
        Path output = temp.resolve("output");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FreshJvm.class.getName(),
                        temp.resolve("task").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(child.waitFor()).as(Files.readString(output)).isZero();
    }

    @Test
    void storesShareOneCacheAndOneWriteBufferManager() {
        List<TestKeyValueStore> stores = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            stores.add(TestKeyValueStore.in(temp.resolve("task" + i))
                    .with(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedMemory.class)
                    .open());
        }
        long before = BoundedMemory.CACHE.getUsage();
        for (TestKeyValueStore store : stores) {
            for (int i = 0; i < 2000; i++) {
                store.put("key" + i, "value");
            }
            store.commit(1);
        }
        assertThat(BoundedMemory.CACHE.getUsage())
                .as("write buffers count there")
                .isGreaterThan(before);
        stores.get(0).close();
        for (TestKeyValueStore store : stores.subList(1, 3)) {
            assertThat(store.reopen().get("key1999")).isEqualTo("value");
            store.close();
        }
        assertThat(BoundedMemory.CACHE.isOwningHandle()).isTrue();
    }

    /** Closes the default cache of Kafka's store, because it sets another. */
    public static final class ClosingTheDefaultCache implements RocksDBConfigSetter {

        private Cache own;
        private BloomFilter filter;

        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            own = new LRUCache(1 << 20);
            filter = new BloomFilter(10, false);
            var table = (BlockBasedTableConfigWithAccessibleCache) options.tableFormatConfig();
            Cache byDefault = table.blockCache();
            table.setBlockCache(own);
            table.setFilterPolicy(filter);
            options.setTableFormatConfig(table);
            byDefault.close();
        }

        @Override
        public void close(String storeName, Options options) {
            var table = (BlockBasedTableConfigWithAccessibleCache) options.tableFormatConfig();
            assertThat(table.blockCache()).isSameAs(own);
            own.close();
            filter.close();
        }
    }

    @Test
    void aSetterMayCloseTheDefaultCache() {
        TestKeyValueStore store = with(ClosingTheDefaultCache.class).open();
        store.put("a", "1");
        store.commit(1);
        assertThat(store.reopen().get("a")).isEqualTo("1");
        store.close();
    }

    /** Creates a table configuration of its own, which Kafka's store refuses. */
    public static final class WithATableOfItsOwn implements RocksDBConfigSetter {
        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            options.setTableFormatConfig(new BlockBasedTableConfig().setBlockSize(8192));
        }

        @Override
        public void close(String storeName, Options options) {}
    }

    @Test
    void aSetterMayMakeATableConfigurationOfItsOwn() {
        TestKeyValueStore store = with(WithATableOfItsOwn.class).open();
        store.put("a", "1");
        assertThat(store.reopen().get("a")).isEqualTo("1");
        store.close();
    }

    /** A configurable setter that records its calls, in static fields, because it is created by its class. */
    public static final class RecordingSetter implements RocksDBConfigSetter {

        static final List<String> CALLS = new ArrayList<>();
        static CompactionStyle style = CompactionStyle.UNIVERSAL;

        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            CALLS.add("set " + storeName);
            options.setCompactionStyle(style);
        }

        @Override
        public void close(String storeName, Options options) {
            CALLS.add("close " + storeName);
        }
    }

    @Test
    void aSetterIsClosedOnceWhenItIsRefused() {
        RecordingSetter.style = CompactionStyle.FIFO;
        TestKeyValueStore store = with(RecordingSetter.class);
        assertThatThrownBy(store::open)
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("documents", "setCompactionStyle(FIFO)", "drops keys");
        store.close();
        RecordingSetter.style = CompactionStyle.UNIVERSAL;
        assertThat(RecordingSetter.CALLS).containsExactly("set documents", "close documents");
    }

    @Test
    void aSetterIsClosedOnceWhenTheIndexCannotBeOpened() throws Exception {
        TestKeyValueStore store = with(RecordingSetter.class);
        Files.createDirectories(store.folder());
        Files.createFile(store.folder().resolve("index"));
        assertThatThrownBy(store::open).isInstanceOf(ProcessorStateException.class);
        store.close();
        assertThat(RecordingSetter.CALLS).isEmpty();
        Files.delete(store.folder().resolve("index"));
        Files.createDirectories(store.folder().resolve("index").resolve("LOCK"));
        assertThatThrownBy(store::open).isInstanceOf(ProcessorStateException.class);
        store.close();
        assertThat(RecordingSetter.CALLS).containsExactly("set documents", "close documents");
    }

    @Test
    void aSetterIsClosedOnceWhenTheStoreCannotBeOpened() {
        TestKeyValueStore store = with(RecordingSetter.class).exactlyOnce().format(ValueFormat.TIMESTAMPED);
        store.open().put("a", "12345678");
        store.commit(1);
        store.close();
        RecordingSetter.CALLS.clear();
        assertThatThrownBy(store.format(ValueFormat.PLAIN)::open).isInstanceOf(ProcessorStateException.class);
        store.close();
        assertThat(RecordingSetter.CALLS).containsExactly("set documents", "close documents");
    }

    /** Fails half-way. */
    public static final class FailingSetter implements RocksDBConfigSetter {
        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            throw new IllegalStateException("no configuration for " + storeName);
        }

        @Override
        public void close(String storeName, Options options) {
            throw new AssertionError("it has not come to its end");
        }
    }

    @Test
    void whatASetterThrowsIsThrown() {
        TestKeyValueStore store = with(FailingSetter.class);
        assertThatThrownBy(store::open).hasMessageContaining("no configuration for documents");
        store.close();
    }

    @Test
    void aSetterMayBeGivenByItsName() {
        TestKeyValueStore store = TestKeyValueStore.in(temp.resolve("task"))
                .with(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RecordingSetter.class.getName())
                .open();
        store.close();
        assertThat(RecordingSetter.CALLS).containsExactly("set documents", "close documents");
    }

    @Test
    void aClassThatIsNoSetterIsRefused() {
        assertThatThrownBy(with(String.class)::open)
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("rocksdb.config.setter", "java.lang.String", "RocksDBConfigSetter");
    }

    /** Its keys have the prefixes "a" and "b". */
    public static final class WithPrefixes implements RocksDBConfigSetter {
        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            options.useFixedLengthPrefixExtractor(1);
        }

        @Override
        public void close(String storeName, Options options) {}
    }

    @Test
    void aRangeGoesOverAllPrefixesOfAPrefixExtractor() {
        TestKeyValueStore store = with(WithPrefixes.class).open();
        for (String key : List.of("a1", "a2", "b1", "b2", "c1")) {
            store.put(key, "value");
        }
        store.commit(1);
        store.reopen();
        List<String> keys = new ArrayList<>();
        store.store()
                .range(bytes("a2"), bytes("b9"))
                .forEachRemaining(entry -> keys.add(new String(entry.key.get(), UTF_8)));
        store.close();
        assertThat(keys).containsExactly("a2", "b1", "b2");
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(UTF_8));
    }

    private TestKeyValueStore with(Class<?> setter) {
        return TestKeyValueStore.in(temp.resolve("task"))
                .with(VLogConfig.THRESHOLD_BYTES, 16)
                .with(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, setter);
    }
}
