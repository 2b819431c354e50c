/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The options of VLog stores.
 *
 * <p>An option can be set in three places. The first of these that sets it takes precedence:
 * <ol>
 *   <li>the Streams properties for one store: {@code vlog.<store name>.file.bytes.max};
 *   <li>a {@code VLogConfig} given to {@link VLogStores};
 *   <li>the Streams properties for all stores: {@code vlog.file.bytes.max}.
 * </ol>
 *
 * <p>A value out of range is refused with a {@link ConfigException} that names key, value and range. That happens when
 * a {@code VLogConfig} is created or a {@link VLogDslStoreSuppliers} is configured, or at the latest when a store is
 * opened.
 *
 * <p>Immutable and thread-safe.
 */
public final class VLogConfig {

    /** The prefix of every option. */
    public static final String PREFIX = "vlog.";

    /** The size in bytes from which values are separated from their key and kept in the VLog. */
    public static final String THRESHOLD_BYTES = "vlog.threshold.bytes";

    /** The size in bytes at which a new VLog file is started. */
    public static final String FILE_BYTES_MAX = "vlog.file.bytes.max";

    /** The largest value in bytes that a store accepts. */
    public static final String VALUE_BYTES_MAX = "vlog.value.bytes.max";

    /** The largest key in bytes that a store accepts. */
    public static final String KEY_BYTES_MAX = "vlog.key.bytes.max";

    /** The memory in bytes for the writes of a store between two commits. */
    public static final String STAGED_BYTES_MAX = "vlog.staged.bytes.max";

    /** The memory in bytes for the writes of all stores of the process between two commits. */
    public static final String STAGED_BYTES_TOTAL_MAX = "vlog.staged.bytes.total.max";

    /** What interactive queries see: {@code read_uncommitted} or {@code read_committed}. */
    public static final String QUERY_ISOLATION_LEVEL = "vlog.query.isolation.level";

    /** The size in bytes of the buffer that collects records before they are written to a file. */
    public static final String APPEND_BUFFER_BYTES = "vlog.append.buffer.bytes";

    /** The number of VLog files that a store keeps open. */
    public static final String OPEN_FILES_MAX = "vlog.open.files.max";

    /** The memory in bytes for a cache of the values read most recently; 0 disables it. */
    public static final String CACHE_BYTES = "vlog.cache.bytes";

    /** The memory in bytes for a cache of the locations of values; 0 disables it. */
    public static final String CACHE_LOCATIONS_BYTES = "vlog.cache.locations.bytes";

    /** Whether checksums are verified when values are read: {@code full} or {@code disabled}. */
    public static final String CHECKSUM_LEVEL = "vlog.checksum.level";

    /** How values are compressed in the VLog: {@code none}, {@code lz4} or {@code zstd}. */
    public static final String COMPRESSION_TYPE = "vlog.compression.type";

    /** The compression level of {@code zstd}. */
    public static final String COMPRESSION_ZSTD_LEVEL = "vlog.compression.zstd.level";

    /** When a commit waits for the disk: {@code none} or {@code commit}. */
    public static final String SYNC_POLICY = "vlog.sync.policy";

    /** The bound for the size of a store's VLog files divided by the live bytes in them. */
    public static final String SPACE_AMPLIFICATION_MAX = "vlog.space.amplification.max";

    /** When a store recounts its live bytes after a start: {@code unclean} or {@code always}. */
    public static final String RECOUNT_POLICY = "vlog.recount.policy";

    /** The longest time in milliseconds that the cleanup works for a store, or delays a writer, without a break. */
    public static final String CLEANUP_SLICE_MS = "vlog.cleanup.slice.ms";

    /** The time in milliseconds between two wake-ups of the cleanup of a store whose task processes. */
    public static final String CLEANUP_INTERVAL_MS = "vlog.cleanup.interval.ms";

    /** The processor wrapper that {@link VLogProcessorWrapper} nests; it cannot be set for a single store. */
    public static final String PROCESSOR_WRAPPER_CLASS = "vlog.processor.wrapper.class";

    private static final Logger LOG = LoggerFactory.getLogger(VLogConfig.class);

    private static final ConfigDef DEFINITION = OptionDefinitions.all();

    /** The options that were set, by full key. */
    private final Map<String, Object> set;

    private final AbstractConfig config;

    private VLogConfig(Map<String, Object> set) {
        this.set = set;
        this.config = new AbstractConfig(DEFINITION, set, false);
    }

    /** Returns the options with all their defaults. */
    public static VLogConfig defaults() {
        return new VLogConfig(Map.of());
    }

    /**
     * Returns the given options; all others have their defaults.
     *
     * @param options values by option, with the prefix {@code vlog.}; other keys are ignored
     * @throws ConfigException if a value is out of range, or a key that starts with {@code vlog.} is not an option
     */
    public static VLogConfig of(Map<String, ?> options) {
        Map<String, Object> set = new HashMap<>();
        options.forEach((key, value) -> {
            if (key.startsWith(PREFIX)) {
                if (!DEFINITION.names().contains(key)) {
                    throw new ConfigException("Unknown option " + key + "; the options are "
                            + DEFINITION.names().stream().sorted().collect(Collectors.joining(", ")));
                }
                set.put(key, value);
            }
        });
        return new VLogConfig(set);
    }

    /** Returns the definition of all options: names, types, defaults, ranges and descriptions. */
    public static ConfigDef configDef() {
        return new ConfigDef(DEFINITION);
    }

    /**
     * Returns the options in force for one store.
     *
     * @param storeName the name of the store
     * @param streamsProperties all properties of the Streams application
     * @throws ConfigException if a value in the Streams properties is out of range; the message names the key as it was
     *     written
     */
    public VLogConfig forStore(String storeName, Map<String, ?> streamsProperties) {
        Objects.requireNonNull(storeName, "storeName");
        Map<String, Object> merged = new HashMap<>();
        for (String option : DEFINITION.names()) {
            String storeOption = PREFIX + storeName + "." + option.substring(PREFIX.length());
            if (streamsProperties.get(storeOption) != null) {
                merged.put(option, validated(storeOption, option, streamsProperties.get(storeOption)));
            } else if (set.containsKey(option)) {
                merged.put(option, set.get(option));
            } else if (streamsProperties.get(option) != null) {
                merged.put(option, streamsProperties.get(option));
            }
        }
        return new VLogConfig(merged);
    }

    /**
     * Checks every VLog option in the Streams properties, including those of single stores, and logs a warning for keys
     * that start with {@code vlog.} but are not an option.
     *
     * @throws ConfigException if a value is out of range
     */
    static void validate(Map<String, ?> streamsProperties) {
        Set<String> options = DEFINITION.names();
        streamsProperties.forEach((key, value) -> {
            if (key.startsWith(PREFIX) && value != null) {
                options.stream()
                        .filter(option -> key.equals(option) || key.endsWith("." + option.substring(PREFIX.length())))
                        .findFirst()
                        .ifPresentOrElse(
                                option -> validated(key, option, value),
                                () -> LOG.warn("{} is no option of a VLog store; the options are {}", key, options));
            }
        });
    }

    private static Object validated(String writtenKey, String option, Object value) {
        ConfigDef.ConfigKey definition =
                Objects.requireNonNull(DEFINITION.configKeys().get(option));
        Object parsed = ConfigDef.parseType(writtenKey, value, definition.type);
        definition.validator.ensureValid(writtenKey, parsed);
        return parsed;
    }

    /** Returns the class of the processor wrapper to nest, or null. */
    static @Nullable Class<?> processorWrapperClass(Map<String, ?> streamsProperties) {
        Object value = streamsProperties.get(PROCESSOR_WRAPPER_CLASS);
        return value == null ? null : (Class<?>) validated(PROCESSOR_WRAPPER_CLASS, PROCESSOR_WRAPPER_CLASS, value);
    }

    /** Returns the options that were set, by key; options left at their default are absent. */
    public Map<String, Object> options() {
        return Map.copyOf(set);
    }

    public int thresholdBytes() {
        return config.getInt(THRESHOLD_BYTES);
    }

    public long maxFileBytes() {
        return config.getLong(FILE_BYTES_MAX);
    }

    public int maxValueBytes() {
        return config.getInt(VALUE_BYTES_MAX);
    }

    public int maxKeyBytes() {
        return config.getInt(KEY_BYTES_MAX);
    }

    public long maxStagedBytes() {
        return config.getLong(STAGED_BYTES_MAX);
    }

    public long maxTotalStagedBytes() {
        return config.getLong(STAGED_BYTES_TOTAL_MAX);
    }

    /** Returns whether interactive queries see committed data only. */
    public boolean queriesSeeCommittedOnly() {
        return config.getString(QUERY_ISOLATION_LEVEL).equals("read_committed");
    }

    public int appendBufferBytes() {
        return config.getInt(APPEND_BUFFER_BYTES);
    }

    public int maxOpenFiles() {
        return config.getInt(OPEN_FILES_MAX);
    }

    public long cacheBytes() {
        return config.getLong(CACHE_BYTES);
    }

    public long locationCacheBytes() {
        return config.getLong(CACHE_LOCATIONS_BYTES);
    }

    /** Returns whether checksums are verified when values are read. */
    public boolean verifiesChecksums() {
        return config.getString(CHECKSUM_LEVEL).equals("full");
    }

    /** Returns {@code none}, {@code lz4} or {@code zstd}. */
    public String compressionType() {
        return config.getString(COMPRESSION_TYPE);
    }

    public int zstdLevel() {
        return config.getInt(COMPRESSION_ZSTD_LEVEL);
    }

    /** Returns whether every commit waits for the disk. */
    public boolean syncsCommits() {
        return config.getString(SYNC_POLICY).equals("commit");
    }

    public double maxSpaceAmplification() {
        return config.getDouble(SPACE_AMPLIFICATION_MAX);
    }

    /** Returns whether live bytes are recounted even after a clean shutdown. */
    public boolean alwaysRecounts() {
        return config.getString(RECOUNT_POLICY).equals("always");
    }

    public long cleanupSliceMs() {
        return config.getLong(CLEANUP_SLICE_MS);
    }

    public long cleanupIntervalMs() {
        return config.getLong(CLEANUP_INTERVAL_MS);
    }
}
