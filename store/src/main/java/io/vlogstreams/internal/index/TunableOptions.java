/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.AbstractComparator;
import org.rocksdb.AbstractWalFilter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BuiltinComparator;
import org.rocksdb.Cache;
import org.rocksdb.ChecksumType;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksMemEnv;
import org.rocksdb.WALRecoveryMode;

/**
 * The options that are passed to a user's tuning. A setting is applied, ignored or refused:
 *
 * <ul>
 *   <li>ignored: settings that Kafka's own store ignores (the write-ahead log, atomic flushes), and settings that would
 *       weaken a guarantee of the index without changing the content of a store;
 *   <li>refused: settings that drop keys, order them differently, or place the index elsewhere;
 *   <li>applied: all others.
 * </ul>
 *
 * <p>A method is overridden here only if RocksDB has no getter for the setting, or must not get it. For one thread.
 */
final class TunableOptions extends Options {

    private static final String LOG_IS_OURS = "the write-ahead log carries the commits of the store";
    private static final String READERS_NEED_WHOLE_BATCHES = "readers must see all of a commit or nothing of it";

    private final List<String> refused = new ArrayList<>();
    private final List<String> withoutEffect = new ArrayList<>();

    TunableOptions(DBOptions database, ColumnFamilyOptions family) {
        super(database, family);
    }

    /** Returns the settings that had no effect, with the reasons. */
    List<String> withoutEffect() {
        return withoutEffect;
    }

    /**
     * Checks the settings of the tuning.
     *
     * @throws RefusedTuningException if an index must not be opened with them
     */
    void check() {
        String dropsKeys =
                "it drops keys, and nothing would tell that their values in the VLog are obsolete, so that they"
                        + " stay on the disk for ever; delete keys through the store, or use a window store";
        refuseIf(compactionStyle() == CompactionStyle.FIFO, "setCompactionStyle(FIFO)", dropsKeys);
        refuseIf(compactionFilter() != null, "setCompactionFilter", dropsKeys);
        refuseIf(compactionFilterFactory() != null, "setCompactionFilterFactory", dropsKeys);
        String elsewhere = "all files of a store have to be in its folder: Kafka Streams deletes that folder, and two"
                + " partitions of a store would write over each other's files elsewhere";
        refuseIf(!dbPaths().isEmpty(), "setDbPaths", elsewhere);
        refuseIf(!cfPaths().isEmpty(), "setCfPaths", elsewhere);
        refuseIf(
                getEnv() instanceof RocksMemEnv,
                "setEnv(RocksMemEnv)",
                "the index has to be on the disk, as the values are to which it points; use an in-memory store");
        if (tableFormatConfig() instanceof BlockBasedTableConfig table) {
            refuseIf(
                    table.checksumType() == ChecksumType.kNoChecksum,
                    "BlockBasedTableConfig.setChecksumType(kNoChecksum)",
                    "a damaged pointer would not be found");
        } else {
            refuseIf(
                    true,
                    "setTableFormatConfig(" + tableFormatConfig().getClass().getSimpleName() + ")",
                    "the index needs the block-based format: the others have no checksums or no order for scans; change the"
                            + " BlockBasedTableConfig that options.tableFormatConfig() gives");
        }
        if (!refused.isEmpty()) {
            throw new RefusedTuningException(refused);
        }
    }

    private void refuseIf(boolean wrong, String setting, String reason) {
        if (wrong) {
            refused.add(setting + ": " + reason);
        }
    }

    private Options passOverIf(boolean differs, String setting, String reason) {
        if (differs) {
            withoutEffect.add(setting + ": " + reason);
        }
        return this;
    }

    @Override
    public Options setComparator(BuiltinComparator comparator) {
        refuseIf(
                comparator != BuiltinComparator.BYTEWISE_COMPARATOR,
                "setComparator(" + comparator + ")",
                orderIsFixed());
        return this;
    }

    @Override
    public Options setComparator(AbstractComparator comparator) {
        refuseIf(true, "setComparator(" + comparator.name() + ")", orderIsFixed());
        return this;
    }

    private static String orderIsFixed() {
        return "scans merge the index with writes in memory, both in the order of unsigned bytes";
    }

    @Override
    public Options setMaxTotalWalSize(long bytes) {
        return passOverIf(true, "setMaxTotalWalSize", LOG_IS_OURS);
    }

    @Override
    public Options setWalDir(String folder) {
        return passOverIf(true, "setWalDir", LOG_IS_OURS + " and has to be in its folder");
    }

    @Override
    public Options setWalTtlSeconds(long seconds) {
        return passOverIf(true, "setWalTtlSeconds", LOG_IS_OURS);
    }

    @Override
    public Options setWalSizeLimitMB(long limit) {
        return passOverIf(true, "setWalSizeLimitMB", LOG_IS_OURS);
    }

    @Override
    public Options setWalBytesPerSync(long bytes) {
        return passOverIf(true, "setWalBytesPerSync", LOG_IS_OURS);
    }

    @Override
    public Options setWalRecoveryMode(WALRecoveryMode mode) {
        return passOverIf(mode != walRecoveryMode(), "setWalRecoveryMode(" + mode + ")", LOG_IS_OURS);
    }

    @Override
    public Options setWalFilter(AbstractWalFilter filter) {
        return passOverIf(true, "setWalFilter", LOG_IS_OURS);
    }

    @Override
    public Options setManualWalFlush(boolean on) {
        return passOverIf(on, "setManualWalFlush", LOG_IS_OURS);
    }

    @Override
    public Options setRecycleLogFileNum(long files) {
        return passOverIf(files != 0, "setRecycleLogFileNum", LOG_IS_OURS);
    }

    @Override
    public Options setAllow2pc(boolean on) {
        return passOverIf(on, "setAllow2pc", LOG_IS_OURS);
    }

    @Override
    public Options setTwoWriteQueues(boolean on) {
        return passOverIf(on, "setTwoWriteQueues", "there is one writer");
    }

    @Override
    public Options setEnablePipelinedWrite(boolean on) {
        return passOverIf(on, "setEnablePipelinedWrite", "there is one writer, and atomic flushes do not allow it");
    }

    @Override
    public Options setUnorderedWrite(boolean on) {
        return passOverIf(on, "setUnorderedWrite", READERS_NEED_WHOLE_BATCHES);
    }

    @Override
    public Options setInplaceUpdateSupport(boolean on) {
        return passOverIf(on, "setInplaceUpdateSupport", "iterators are snapshots");
    }

    @Override
    public Options setAtomicFlush(boolean on) {
        return passOverIf(!on, "setAtomicFlush(false)", "locations and commit point are flushed together");
    }

    @Override
    public Options setCreateMissingColumnFamilies(boolean on) {
        return passOverIf(!on, "setCreateMissingColumnFamilies(false)", "a new index has to be made");
    }

    @Override
    public Options setBestEffortsRecovery(boolean on) {
        return passOverIf(on, "setBestEffortsRecovery", "an index must not open as something older than it was");
    }

    @Override
    public Options setParanoidChecks(boolean on) {
        return passOverIf(!on, "setParanoidChecks(false)", "damage must be found");
    }

    @Override
    public Options setRowCache(Cache cache) {
        return passOverIf(
                true, "setRowCache", "RocksDB cannot empty an index that has one; size the block cache instead");
    }

    /** Applies the index's own settings, which the methods above protect from the tuning. */
    void setWhatIsFixed() {
        super.setCreateMissingColumnFamilies(true);
        // Locations and commit point are flushed together, so that no crash can keep one without the other.
        super.setAtomicFlush(true);
    }
}
