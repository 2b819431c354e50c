/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static io.vlogstreams.VLogConfig.APPEND_BUFFER_BYTES;
import static io.vlogstreams.VLogConfig.CACHE_BYTES;
import static io.vlogstreams.VLogConfig.CACHE_LOCATIONS_BYTES;
import static io.vlogstreams.VLogConfig.CHECKSUM_LEVEL;
import static io.vlogstreams.VLogConfig.CLEANUP_INTERVAL_MS;
import static io.vlogstreams.VLogConfig.CLEANUP_SLICE_MS;
import static io.vlogstreams.VLogConfig.COMPRESSION_TYPE;
import static io.vlogstreams.VLogConfig.COMPRESSION_ZSTD_LEVEL;
import static io.vlogstreams.VLogConfig.FILE_BYTES_MAX;
import static io.vlogstreams.VLogConfig.KEY_BYTES_MAX;
import static io.vlogstreams.VLogConfig.OPEN_FILES_MAX;
import static io.vlogstreams.VLogConfig.PROCESSOR_WRAPPER_CLASS;
import static io.vlogstreams.VLogConfig.QUERY_ISOLATION_LEVEL;
import static io.vlogstreams.VLogConfig.RECOUNT_POLICY;
import static io.vlogstreams.VLogConfig.SPACE_AMPLIFICATION_MAX;
import static io.vlogstreams.VLogConfig.STAGED_BYTES_MAX;
import static io.vlogstreams.VLogConfig.STAGED_BYTES_TOTAL_MAX;
import static io.vlogstreams.VLogConfig.SYNC_POLICY;
import static io.vlogstreams.VLogConfig.THRESHOLD_BYTES;
import static io.vlogstreams.VLogConfig.VALUE_BYTES_MAX;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;

/** The definitions of the options of {@link VLogConfig}. A test compares `docs/OPTIONS.md` with them. */
final class OptionDefinitions {

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    /** The largest array of a JVM, less some room for what Kafka Streams adds to a value. */
    private static final int LARGEST_VALUE_BYTES = Integer.MAX_VALUE - KIB;

    private OptionDefinitions() {}

    /** The names, types, defaults, ranges and descriptions of all options. */
    static ConfigDef all() {
        return new ConfigDef()
                .define(
                        THRESHOLD_BYTES,
                        ConfigDef.Type.INT,
                        1024,
                        Range.between(0, Integer.MAX_VALUE),
                        Importance.HIGH,
                        "Values of at least this many bytes are kept in the VLog. Smaller values stay in the index with their key."
                                + " With 0 every value goes to the VLog.")
                .define(
                        FILE_BYTES_MAX,
                        ConfigDef.Type.LONG,
                        64L * MIB,
                        Range.between(KIB, 1L << 40),
                        Importance.MEDIUM,
                        "The size, in bytes, at which a new VLog file is started. A larger value gets a file of its own."
                                + " Files of a small store are smaller: a sixty-fourth of the store, but at least 4 MiB.")
                .define(
                        VALUE_BYTES_MAX,
                        ConfigDef.Type.INT,
                        64 * MIB,
                        Range.between(0, LARGEST_VALUE_BYTES),
                        Importance.MEDIUM,
                        "The largest value, in bytes, that the store accepts; a larger one is refused before anything is written."
                                + " The timestamp and headers that Kafka Streams adds to a value count.")
                .define(
                        KEY_BYTES_MAX,
                        ConfigDef.Type.INT,
                        MIB,
                        Range.between(0, 64 * MIB),
                        Importance.LOW,
                        "The largest key, in bytes, that the store accepts; a larger one is refused before anything is written.")
                .define(
                        STAGED_BYTES_MAX,
                        ConfigDef.Type.LONG,
                        16L * MIB,
                        Range.between(0, 1L << 40),
                        Importance.MEDIUM,
                        "The memory, in bytes, for the keys, pointers and inline values of writes since the last commit. Beyond it"
                                + " they go into the index before the commit; under exactly-once a crash then means a restore"
                                + " from the changelog.")
                .define(
                        STAGED_BYTES_TOTAL_MAX,
                        ConfigDef.Type.LONG,
                        256L * MIB,
                        Range.between(0, 1L << 40),
                        Importance.MEDIUM,
                        "The memory, in bytes, for writes since the last commit in all VLog stores of the process together. Beyond"
                                + " it the store that is being written to moves its writes into the index before the commit.")
                .define(
                        QUERY_ISOLATION_LEVEL,
                        ConfigDef.Type.STRING,
                        "read_uncommitted",
                        ValidString.in("read_uncommitted", "read_committed"),
                        Importance.LOW,
                        "What interactive queries see: 'read_uncommitted', the newest writes, as with Kafka's own stores;"
                                + " 'read_committed', only committed writes.")
                .define(
                        APPEND_BUFFER_BYTES,
                        ConfigDef.Type.INT,
                        64 * KIB,
                        Range.between(KIB, 64 * MIB),
                        Importance.LOW,
                        "The size, in bytes, of the buffer that collects records before they are written to a VLog file.")
                .define(
                        OPEN_FILES_MAX,
                        ConfigDef.Type.INT,
                        128,
                        Range.between(1, 1 << 20),
                        Importance.LOW,
                        "The number of VLog files that a store keeps open. Further files are open only while they are read.")
                .define(
                        CACHE_BYTES,
                        ConfigDef.Type.LONG,
                        0L,
                        Range.between(0, 1L << 40),
                        Importance.LOW,
                        "The heap memory, in bytes, for a cache of the values read most recently; 0 disables it. The operating"
                                + " system caches the files anyway.")
                .define(
                        CACHE_LOCATIONS_BYTES,
                        ConfigDef.Type.LONG,
                        256L * MIB,
                        Range.between(0, 1L << 34),
                        Importance.MEDIUM,
                        "The memory outside of the heap, in bytes, for a cache of the locations of values in the VLog, about 40"
                                + " for each key. Commits, the cleanup and reads look up in the index only what this cache lacks."
                                + " A store with fewer keys takes less memory; 0 disables the cache.")
                .define(
                        CHECKSUM_LEVEL,
                        ConfigDef.Type.STRING,
                        "full",
                        ValidString.in("full", "disabled"),
                        Importance.LOW,
                        "'full' verifies the checksum of every value that is read; 'disabled' compares lengths and key only.")
                .define(
                        COMPRESSION_TYPE,
                        ConfigDef.Type.STRING,
                        "none",
                        ValidString.in("none", "lz4", "zstd"),
                        Importance.MEDIUM,
                        "How values in the VLog are compressed, each individually. A value that does not shrink by an eighth is"
                                + " stored uncompressed. A change applies to values written from then on. With compression the"
                                + " checksum of every value that is read is verified.")
                .define(
                        COMPRESSION_ZSTD_LEVEL,
                        ConfigDef.Type.INT,
                        3,
                        Range.between(1, 22),
                        Importance.LOW,
                        "The level of 'zstd'. A higher level makes values smaller and every put slower, and takes more memory"
                                + " outside of the heap for compressing.")
                .define(
                        SYNC_POLICY,
                        ConfigDef.Type.STRING,
                        "none",
                        ValidString.in("none", "commit"),
                        Importance.MEDIUM,
                        "'none': a commit never waits for the disk. It survives a killed process; after a power failure the store"
                                + " restores missing data from its changelog. 'commit': every commit waits until it survives a"
                                + " power failure.")
                .define(
                        SPACE_AMPLIFICATION_MAX,
                        ConfigDef.Type.DOUBLE,
                        1.5,
                        Range.between(1.1, 100),
                        Importance.MEDIUM,
                        "The bound for the size of the VLog files divided by the live bytes in them; a small store may have two"
                                + " more files. A smaller bound means that more is copied: for random overwrites about 0.5"
                                + " bytes for each byte put at 1.5, and 1.2 at 1.2.")
                .define(
                        RECOUNT_POLICY,
                        ConfigDef.Type.STRING,
                        "unclean",
                        ValidString.in("unclean", "always"),
                        Importance.LOW,
                        "When the live bytes of the VLog files are recounted from the index, in the background after a start:"
                                + " 'unclean', after a crash; 'always', after every start, in case the counters are in doubt.")
                .define(
                        CLEANUP_SLICE_MS,
                        ConfigDef.Type.LONG,
                        50L,
                        Range.between(1, 10_000),
                        Importance.LOW,
                        "The time, in milliseconds, that the cleanup works for one store before it turns to others, and the"
                                + " longest time for which a writer that is ahead of it waits or helps.")
                .define(
                        CLEANUP_INTERVAL_MS,
                        ConfigDef.Type.LONG,
                        1000L,
                        Range.between(1, 24L * 60 * 60 * 1000),
                        Importance.LOW,
                        "The time, in milliseconds, between two wake-ups of the cleanup by VLogProcessorWrapper or VLogCleanup.")
                .define(
                        PROCESSOR_WRAPPER_CLASS,
                        ConfigDef.Type.CLASS,
                        null,
                        new NestedWrapper(),
                        Importance.LOW,
                        "The application's own ProcessorWrapper, when processor.wrapper.class is VLogProcessorWrapper; it wraps"
                                + " the processors first. Read from the config that the topology is built with; it cannot be"
                                + " set for a single store.");
    }
}
