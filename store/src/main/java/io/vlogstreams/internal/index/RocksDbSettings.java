/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.util.List;
import java.util.Properties;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.UInt64AddOperator;

/**
 * RocksDB's settings for an index, and the native objects that hold them.
 *
 * <p>They are based on those of Kafka Streams' own store, so that a user's {@code rocksdb.config.setter} finds what it
 * expects, and differ where an index of small values has other needs. The user's tuning comes last and takes
 * precedence, as far as {@link TunableOptions} allows. For one thread.
 */
final class RocksDbSettings implements AutoCloseable {

    private static final long WRITE_BUFFER_BYTES = 16L << 20;
    private static final int MAX_WRITE_BUFFERS = 2;
    private static final double WRITE_BUFFER_FILTER_PART = 0.05;
    private static final long BLOCK_CACHE_BYTES = 32L << 20;
    private static final long BLOCK_BYTES = 4096;
    private static final long COMMIT_WRITE_BUFFER_BYTES = 2L << 20;
    private static final long COMMIT_ARENA_BLOCK_BYTES = 128L << 10;

    private final IndexTuning tuning;
    private final Cache cache = new LRUCache(BLOCK_CACHE_BYTES);
    private final BloomFilter filter = new BloomFilter();
    private final UInt64AddOperator counting = new UInt64AddOperator();
    private final ColumnFamilyOptions hinted = hinted();
    private final DBOptions plain = new DBOptions();
    private final TunableOptions options = new TunableOptions(plain, hinted);
    private final DBOptions dbOptions;
    private final ColumnFamilyOptions locations;
    private final ColumnFamilyOptions commits;

    /**
     * @throws RefusedTuningException if the tuning has settings that an index does not allow
     */
    RocksDbSettings(IndexTuning tuning) {
        this.tuning = tuning;
        BlockBasedTableConfig table = tuning.newTableConfig();
        table.setBlockCache(cache);
        table.setBlockSize(BLOCK_BYTES);
        // The last level has filters too (Kafka's store omits them there): a commit looks up the old location of every
        // key that the cache of locations lacks, and new keys have none.
        table.setFilterPolicy(filter);
        options.setTableFormatConfig(table);
        options.setCreateIfMissing(true);
        options.setWhatIsFixed();
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        options.setMaxWriteBufferNumber(MAX_WRITE_BUFFERS);
        // Most keys that are looked up are not in the write buffers, and a filter is cheaper than searching them.
        options.setMemtablePrefixBloomSizeRatio(WRITE_BUFFER_FILTER_PART);
        options.setMemtableWholeKeyFiltering(true);
        options.setCompressionType(CompressionType.NO_COMPRESSION);
        options.setCompactionStyle(CompactionStyle.UNIVERSAL);
        options.setInfoLogLevel(InfoLogLevel.ERROR_LEVEL);
        // The write-ahead log may keep its content: writing and syncing new files would only make opening slower.
        options.setAvoidFlushDuringRecovery(true);
        options.setKeepLogFileNum(1);
        // RocksDB would preallocate 22 MB of the disk for log and MANIFEST of each store.
        options.setAllowFAllocate(false);
        options.setIncreaseParallelism(Math.max(Runtime.getRuntime().availableProcessors(), 2));
        tune();
        if (options.allowMmapWrites()) {
            // Otherwise RocksDB would map pages beyond the end of the file, and the first write to them kills the
            // process (SIGBUS).
            options.setAllowFAllocate(true);
        }
        dbOptions = new DBOptions(options);
        locations = new ColumnFamilyOptions(options);
        commits = new ColumnFamilyOptions()
                .setWriteBufferSize(COMMIT_WRITE_BUFFER_BYTES)
                .setArenaBlockSize(COMMIT_ARENA_BLOCK_BYTES)
                .setMergeOperator(counting)
                .setCompressionType(CompressionType.NO_COMPRESSION);
    }

    private void tune() {
        try {
            tuning.tune(options);
        } catch (RuntimeException | Error e) {
            closeDefaults();
            throw e;
        }
        try {
            options.check();
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    /**
     * Enables insertion hints. A write buffer then starts to search the place of a key at that of the last one, which
     * is near because a batch is sorted. RocksDB keeps a hint for each prefix of a key, and here all keys share the
     * empty one. There is no setter for this option; a RocksDB that does not know it works without.
     */
    private static ColumnFamilyOptions hinted() {
        Properties properties = new Properties();
        properties.setProperty("memtable_insert_with_hint_prefix_extractor", "capped:0");
        ColumnFamilyOptions hinted = ColumnFamilyOptions.getColumnFamilyOptionsFromProps(properties);
        return hinted == null ? new ColumnFamilyOptions() : hinted;
    }

    DBOptions database() {
        return dbOptions;
    }

    ColumnFamilyOptions locations() {
        return locations;
    }

    ColumnFamilyOptions commits() {
        return commits;
    }

    /** Returns whether RocksDB compacts the locations automatically. */
    boolean areCompacted() {
        return !locations.disableAutoCompactions();
    }

    /** Returns the memory of a nearly empty write buffer; its filter has its full size from the first key on. */
    long emptyWriteBufferBytes() {
        return (long) (locations.writeBufferSize() * locations.memtablePrefixBloomSizeRatio());
    }

    /** Returns the settings of the tuning that had no effect, with the reasons. */
    List<String> withoutEffect() {
        return options.withoutEffect();
    }

    @Override
    public void close() {
        commits.close();
        locations.close();
        dbOptions.close();
        release();
    }

    /** Releases the tuning. It is the user's code, so it may fail. */
    private void release() {
        try {
            tuning.release(options);
        } finally {
            closeDefaults();
        }
    }

    private void closeDefaults() {
        options.close();
        plain.close();
        hinted.close();
        counting.close();
        filter.close();
        cache.close();
    }
}
