/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.FakeStateStoreContext;
import io.vlogstreams.KafkaOnClassPath;
import io.vlogstreams.VLogConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.BuiltinComparator;
import org.rocksdb.ChecksumType;
import org.rocksdb.CompactionOptionsUniversal;
import org.rocksdb.CompactionPriority;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DbPath;
import org.rocksdb.Env;
import org.rocksdb.HashLinkedListMemTableConfig;
import org.rocksdb.HashSkipListMemTableConfig;
import org.rocksdb.HyperClockCache;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.PlainTableConfig;
import org.rocksdb.RateLimiter;
import org.rocksdb.RemoveEmptyValueCompactionFilter;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksMemEnv;
import org.rocksdb.SkipListMemTableConfig;
import org.rocksdb.SstFileManager;
import org.rocksdb.SstPartitionerFixedPrefixFactory;
import org.rocksdb.Statistics;
import org.rocksdb.StringAppendOperator;
import org.rocksdb.TimedEnv;
import org.rocksdb.VectorMemTableConfig;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/**
 * The effect of the methods of {@code Options} when a {@code rocksdb.config.setter} calls them: the same as with
 * Kafka's own store, or none, or the store is refused with the reason.
 */
class ConfigSetterSettingsTest {

    private static Consumer<Options> settings = options -> {};

    @TempDir
    Path temp;

    /** Created by Kafka Streams and by the store, so its behaviour is in a static field. */
    public static final class Setter implements RocksDBConfigSetter {
        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            settings.accept(options);
        }

        @Override
        public void close(String storeName, Options options) {}
    }

    static Stream<String> taken() {
        return TAKEN.keySet().stream();
    }

    static Stream<String> takenByOurs() {
        return TAKEN_BY_OURS.keySet().stream();
    }

    static Stream<String> withoutEffect() {
        return WITHOUT_EFFECT.keySet().stream();
    }

    static Stream<String> refused() {
        return REFUSED.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("taken")
    void whatWorksWithKafkasStoreWorks(String name) {
        settings = TAKEN.get(name);
        assertThat(usedTwice(kafkas())).isEqualTo(expected());
        assertThat(usedTwice(ours())).isEqualTo(expected());
    }

    /** Kafka's store loses unflushed writes, or has no iterators over all prefixes. */
    @ParameterizedTest
    @MethodSource("takenByOurs")
    void theIndexTakesMoreThanKafkasStore(String name) {
        settings = TAKEN_BY_OURS.get(name);
        assertThat(usedTwice(ours())).isEqualTo(expected());
    }

    @ParameterizedTest
    @MethodSource("withoutEffect")
    void whatWouldWeakenTheIndexHasNoEffect(String name) {
        settings = WITHOUT_EFFECT.get(name);
        assertThat(usedTwice(ours())).isEqualTo(expected());
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatLosesDataIsRefusedWithTheReason(String name) {
        settings = REFUSED.get(name);
        assertThatThrownBy(() -> usedTwice(ours()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("rocksdb.config.setter")
                .hasMessageContaining(Setter.class.getName())
                .hasMessageContaining(name);
        settings = options -> {};
        assertThat(usedTwice(ours())).as("without it").isEqualTo(expected());
    }

    private interface Opening {
        KeyValueStore<Bytes, byte[]> open();
    }

    private Opening kafkas() {
        return () -> opened(Stores.persistentKeyValueStore("documents").get(), temp.resolve("kafkas"));
    }

    private Opening ours() {
        return () -> opened(
                VLogStoreSupplier.of("documents", ValueFormat.PLAIN, VLogConfig.defaults())
                        .get(),
                temp.resolve("ours"));
    }

    private static KeyValueStore<Bytes, byte[]> opened(KeyValueStore<Bytes, byte[]> store, Path folder) {
        FakeStateStoreContext context = new FakeStateStoreContext(
                folder,
                Map.of(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, Setter.class, "vlog.threshold.bytes", 64));
        store.init(context, store);
        return store;
    }

    /** Opens, writes, scans and closes a store, twice; returns its final content. */
    private static Map<String, Integer> usedTwice(Opening opening) {
        Map<String, Integer> contents = new TreeMap<>();
        for (int life = 1; life <= 2; life++) {
            KeyValueStore<Bytes, byte[]> store = opening.open();
            try {
                write(store, life);
                contents.clear();
                store.all().forEachRemaining(entry -> contents.put(text(entry), entry.value.length));
                List<String> reversed = new ArrayList<>();
                try (KeyValueIterator<Bytes, byte[]> all = store.reverseAll()) {
                    all.forEachRemaining(entry -> reversed.add(0, text(entry)));
                }
                assertThat(reversed).containsExactlyElementsOf(contents.keySet());
                assertThat(store.get(key(life, 2))).hasSize(contents.get(text(life, 2)));
            } finally {
                store.close();
            }
        }
        return contents;
    }

    private static void write(KeyValueStore<Bytes, byte[]> store, int life) {
        for (int i = 0; i < 300; i++) {
            store.put(key(life, i), new byte[i]);
        }
        KafkaOnClassPath.commit(store);
        for (int i = 0; i < 300; i += 3) {
            store.delete(key(life, i));
            store.put(key(1, i + 1), new byte[i + life]);
        }
        KafkaOnClassPath.commit(store);
    }

    private static Map<String, Integer> expected() {
        Map<String, Integer> expected = new TreeMap<>();
        for (int i = 0; i < 300; i++) {
            if (i % 3 != 0) {
                expected.put(text(1, i), i % 3 == 1 ? i + 1 : i);
                expected.put(text(2, i), i);
            }
        }
        return expected;
    }

    private static String text(int life, int number) {
        return "key" + life + "-" + number;
    }

    private static Bytes key(int life, int number) {
        return Bytes.wrap(text(life, number).getBytes(UTF_8));
    }

    private static String text(KeyValue<Bytes, byte[]> entry) {
        return new String(entry.key.get(), UTF_8);
    }

    private static void table(Options options, Consumer<BlockBasedTableConfig> change) {
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        change.accept(table);
        options.setTableFormatConfig(table);
    }

    private static final Map<String, Consumer<Options>> TAKEN = new LinkedHashMap<>();
    private static final Map<String, Consumer<Options>> TAKEN_BY_OURS = new LinkedHashMap<>();
    private static final Map<String, Consumer<Options>> WITHOUT_EFFECT = new LinkedHashMap<>();
    private static final Map<String, Consumer<Options>> REFUSED = new LinkedHashMap<>();

    static {
        TAKEN.put("prepareForBulkLoad", Options::prepareForBulkLoad);
        TAKEN.put("optimizeForSmallDb", Options::optimizeForSmallDb);
        TAKEN.put("optimizeForPointLookup", options -> options.optimizeForPointLookup(8));
        TAKEN.put("optimizeLevelStyleCompaction", options -> options.optimizeLevelStyleCompaction());
        TAKEN.put("optimizeUniversalStyleCompaction", options -> options.optimizeUniversalStyleCompaction(1 << 20));
        TAKEN.put("level compaction", options -> options.setCompactionStyle(CompactionStyle.LEVEL));
        TAKEN.put(
                "level compaction with setTtl",
                options -> options.setCompactionStyle(CompactionStyle.LEVEL).setTtl(1));
        TAKEN.put("universal compaction with setTtl", options -> options.setTtl(1));
        TAKEN.put("setPeriodicCompactionSeconds", options -> options.setPeriodicCompactionSeconds(1));
        TAKEN.put("setDisableAutoCompactions", options -> options.setDisableAutoCompactions(true));
        TAKEN.put(
                "setCompactionPriority",
                options -> options.setCompactionPriority(CompactionPriority.OldestLargestSeqFirst));
        TAKEN.put(
                "setCompactionOptionsUniversal",
                options -> options.setCompactionOptionsUniversal(
                        new CompactionOptionsUniversal().setMaxSizeAmplificationPercent(50)));
        TAKEN.put(
                "setSstPartitionerFactory",
                options -> options.setSstPartitionerFactory(new SstPartitionerFixedPrefixFactory(4)));
        TAKEN.put(
                "small write buffers",
                options -> options.setWriteBufferSize(64 << 10)
                        .setArenaBlockSize(4 << 10)
                        .setMaxWriteBufferNumber(4)
                        .setMinWriteBufferNumberToMerge(2));
        TAKEN.put("setDbWriteBufferSize", options -> options.setDbWriteBufferSize(64 << 10));
        TAKEN.put(
                "setWriteBufferManager",
                options -> options.setWriteBufferManager(new WriteBufferManager(1 << 20, new LRUCache(4 << 20))));
        TAKEN.put(
                "lz4",
                options -> options.setCompressionType(CompressionType.LZ4_COMPRESSION)
                        .setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION)
                        .setCompressionOptions(new CompressionOptions().setLevel(3)));
        TAKEN.put("setStatistics", options -> options.setStatistics(new Statistics()));
        TAKEN.put("setRateLimiter", options -> options.setRateLimiter(new RateLimiter(64 << 20)));
        TAKEN.put("setListeners", options -> options.setListeners(List.of(new AbstractEventListener() {})));
        TAKEN.put(
                "setInfoLogLevel",
                options -> options.setInfoLogLevel(InfoLogLevel.DEBUG_LEVEL)
                        .setMaxLogFileSize(1 << 20)
                        .setKeepLogFileNum(3));
        TAKEN.put("setEnv(default)", options -> {
            Env.getDefault().setBackgroundThreads(3);
            options.setEnv(Env.getDefault());
        });
        TAKEN.put("setEnv(timed)", options -> options.setEnv(new TimedEnv(Env.getDefault())));
        TAKEN.put("setSstFileManager", options -> options.setSstFileManager(sstFileManager()));
        TAKEN.put("direct I/O", options -> options.setUseDirectReads(true).setUseDirectIoForFlushAndCompaction(true));
        TAKEN.put("mmap", options -> options.setAllowMmapReads(true).setAllowMmapWrites(true));
        TAKEN.put("setMaxOpenFiles", options -> options.setMaxOpenFiles(10).setMaxFileOpeningThreads(1));
        TAKEN.put(
                "threads",
                options -> options.setMaxBackgroundJobs(2)
                        .setIncreaseParallelism(4)
                        .setMaxSubcompactions(2));
        TAKEN.put("setMergeOperator", options -> options.setMergeOperator(new StringAppendOperator()));
        TAKEN.put("setMergeOperatorName", options -> options.setMergeOperatorName("uint64add"));
        TAKEN.put("setComparator(bytewise)", options -> options.setComparator(BuiltinComparator.BYTEWISE_COMPARATOR));
        TAKEN.put("useFixedLengthPrefixExtractor", options -> options.useFixedLengthPrefixExtractor(4));
        TAKEN.put(
                "useCappedPrefixExtractor",
                options -> options.useCappedPrefixExtractor(4).setMemtablePrefixBloomSizeRatio(0.1));
        TAKEN.put("SkipListMemTableConfig", options -> options.setMemTableConfig(new SkipListMemTableConfig()));
        TAKEN.put(
                "VectorMemTableConfig",
                options ->
                        options.setMemTableConfig(new VectorMemTableConfig()).setAllowConcurrentMemtableWrite(false));
        TAKEN.put("setOptimizeFiltersForHits", options -> options.setOptimizeFiltersForHits(true));
        TAKEN.put("setMaxSequentialSkipInIterations", options -> options.setMaxSequentialSkipInIterations(2));
        TAKEN.put("setNumLevels", options -> options.setNumLevels(3));
        TAKEN.put(
                "blob files",
                options -> options.setEnableBlobFiles(true).setMinBlobSize(10).setEnableBlobGarbageCollection(true));
        TAKEN.put("setForceConsistencyChecks", options -> options.setForceConsistencyChecks(false));
        TAKEN.put("setUseFsync", options -> options.setUseFsync(true).setBytesPerSync(1 << 20));
        TAKEN.put(
                "setStatsDumpPeriodSec",
                options -> options.setStatsDumpPeriodSec(1).setStatsPersistPeriodSec(1));
        TAKEN.put(
                "setSkipStatsUpdateOnDbOpen",
                options -> options.setSkipStatsUpdateOnDbOpen(true).setSkipCheckingSstFileSizesOnDbOpen(true));
        TAKEN.put(
                "a table's cache and blocks",
                options -> table(
                        options,
                        table -> table.setBlockCache(new LRUCache(1 << 20))
                                .setBlockSize(16 << 10)
                                .setCacheIndexAndFilterBlocks(true)
                                .setPinL0FilterAndIndexBlocksInCache(true)));
        TAKEN.put(
                "HyperClockCache",
                options -> table(options, table -> table.setBlockCache(new HyperClockCache(8 << 20, 0, 4, false))));
        TAKEN.put(
                "partitioned filters",
                options -> table(
                        options,
                        table -> table.setFilterPolicy(new BloomFilter(10))
                                .setPartitionFilters(true)
                                .setIndexType(IndexType.kTwoLevelIndexSearch)));
        TAKEN.put(
                "hash index",
                options -> table(
                        options.useFixedLengthPrefixExtractor(4), table -> table.setIndexType(IndexType.kHashSearch)));
        TAKEN.put("no block cache", options -> table(options, table -> table.setNoBlockCache(true)));
        TAKEN.put("crc32c", options -> table(options, table -> table.setChecksumType(ChecksumType.kCRC32c)));

        TAKEN_BY_OURS.put(
                "HashSkipListMemTableConfig",
                options -> options.useFixedLengthPrefixExtractor(4)
                        .setMemTableConfig(new HashSkipListMemTableConfig())
                        .setAllowConcurrentMemtableWrite(false));
        TAKEN_BY_OURS.put(
                "HashLinkedListMemTableConfig",
                options -> options.useFixedLengthPrefixExtractor(4)
                        .setMemTableConfig(new HashLinkedListMemTableConfig())
                        .setAllowConcurrentMemtableWrite(false));
        TAKEN_BY_OURS.put("setAvoidFlushDuringShutdown", options -> options.setAvoidFlushDuringShutdown(true));

        WITHOUT_EFFECT.put("setAtomicFlush", options -> options.setAtomicFlush(false));
        WITHOUT_EFFECT.put("setCreateMissingColumnFamilies", options -> options.setCreateMissingColumnFamilies(false));
        WITHOUT_EFFECT.put("setMaxTotalWalSize", options -> options.setMaxTotalWalSize(1));
        WITHOUT_EFFECT.put("setWalDir", options -> options.setWalDir("/nowhere"));
        WITHOUT_EFFECT.put(
                "setWalTtlSeconds",
                options -> options.setWalTtlSeconds(1).setWalSizeLimitMB(1).setWalBytesPerSync(1));
        WITHOUT_EFFECT.put(
                "setWalRecoveryMode", options -> options.setWalRecoveryMode(WALRecoveryMode.SkipAnyCorruptedRecords));
        WITHOUT_EFFECT.put("setManualWalFlush", options -> options.setManualWalFlush(true));
        WITHOUT_EFFECT.put("setRecycleLogFileNum", options -> options.setRecycleLogFileNum(4));
        WITHOUT_EFFECT.put(
                "setTwoWriteQueues", options -> options.setTwoWriteQueues(true).setAllow2pc(true));
        WITHOUT_EFFECT.put("setEnablePipelinedWrite", options -> options.setEnablePipelinedWrite(true));
        WITHOUT_EFFECT.put("setUnorderedWrite", options -> options.setUnorderedWrite(true));
        WITHOUT_EFFECT.put(
                "setInplaceUpdateSupport",
                options -> options.setInplaceUpdateSupport(true).setAllowConcurrentMemtableWrite(false));
        WITHOUT_EFFECT.put("setBestEffortsRecovery", options -> options.setBestEffortsRecovery(true));
        WITHOUT_EFFECT.put("setParanoidChecks", options -> options.setParanoidChecks(false));
        WITHOUT_EFFECT.put("setRowCache", options -> options.setRowCache(new LRUCache(1 << 20)));

        REFUSED.put(
                "setCompactionStyle(FIFO)",
                options -> options.setCompactionStyle(CompactionStyle.FIFO).setTtl(60));
        REFUSED.put(
                "setCompactionFilter", options -> options.setCompactionFilter(new RemoveEmptyValueCompactionFilter()));
        REFUSED.put(
                "setComparator(REVERSE_BYTEWISE_COMPARATOR)",
                options -> options.setComparator(BuiltinComparator.REVERSE_BYTEWISE_COMPARATOR));
        REFUSED.put("setDbPaths", options -> options.setDbPaths(List.of(new DbPath(Path.of("/nowhere"), 1 << 30))));
        REFUSED.put("setCfPaths", options -> options.setCfPaths(List.of(new DbPath(Path.of("/nowhere"), 1 << 30))));
        REFUSED.put("setEnv(RocksMemEnv)", options -> options.setEnv(new RocksMemEnv(Env.getDefault())));
        REFUSED.put(
                "setTableFormatConfig(PlainTableConfig)",
                options -> options.setTableFormatConfig(new PlainTableConfig()));
        REFUSED.put(
                "BlockBasedTableConfig.setChecksumType(kNoChecksum)",
                options -> table(options, table -> table.setChecksumType(ChecksumType.kNoChecksum)));
    }

    private static SstFileManager sstFileManager() {
        try {
            return new SstFileManager(Env.getDefault());
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }
}
