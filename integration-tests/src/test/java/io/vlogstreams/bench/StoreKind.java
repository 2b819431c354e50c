/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import io.vlogstreams.VLogStores;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.RocksDBStore;

/** The stores that are compared, each as its supplier makes it. */
enum StoreKind {
    VLOG("VLog store", null),
    ROCKSDB("RocksDBStore", null),
    BLOBDB("BlobDB", BlobFiles.class),
    BLOBDB_FORCED("BlobDB forced", ForcedBlobFiles.class),
    MEMORY("in memory", null),
    RAW("raw file", null);

    /** What a bare file can do: it has no order, and it is not shared between threads. */
    private static final Set<Workload> OF_A_BARE_FILE = Set.of(
            Workload.LOAD,
            Workload.OVERWRITE_UNIFORM,
            Workload.OVERWRITE_ZIPF,
            Workload.READ_UNIFORM,
            Workload.READ_ZIPF,
            Workload.READ_MODIFY_WRITE);

    private final String label;
    private final Class<? extends RocksDBConfigSetter> configSetter;

    StoreKind(String label, Class<? extends RocksDBConfigSetter> configSetter) {
        this.label = label;
        this.configSetter = configSetter;
    }

    /** As in tables. */
    String label() {
        return label;
    }

    /** As in options. */
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static StoreKind ofOption(String option) {
        return valueOf(option.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** What it needs in the Streams properties. */
    Map<String, Object> properties() {
        return configSetter == null ? Map.of() : Map.of(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, configSetter);
    }

    /** A new one, not initialised; the raw bytes store without the layers that a builder puts on top. */
    KeyValueStore<Bytes, byte[]> newStore(String name) {
        return switch (this) {
            case VLOG -> VLogStores.persistentKeyValueStore(name).get();
            // What Stores.persistentKeyValueStore gives elsewhere. In this module that makes ours, for Kafka's own
            // tests (see
            // RocksDBKeyValueBytesStoreSupplier in the test sources).
            case ROCKSDB, BLOBDB, BLOBDB_FORCED -> new RocksDBStore(name, "rocksdb");
            case MEMORY -> Stores.inMemoryKeyValueStore(name).get();
            case RAW -> new RawFileStore(name);
        };
    }

    boolean can(Workload workload) {
        return switch (this) {
            case VLOG, ROCKSDB, BLOBDB, BLOBDB_FORCED -> workload.isOfStores();
            case MEMORY ->
                workload.isOfStores() && workload != Workload.OPEN_CLEAN && workload != Workload.OPEN_UNCLEAN;
            case RAW -> OF_A_BARE_FILE.contains(workload);
        };
    }

    /**
     * Whether a kill may cost it committed writes: Kafka's RocksDBStore writes no write-ahead log, and gets what
     * RocksDB had not flushed from the changelog.
     */
    boolean forgetsWhenKilled() {
        return this == ROCKSDB || this == BLOBDB || this == BLOBDB_FORCED;
    }

    /** Whether it can be asked for keys alone. The in-memory store need not: its iterator makes no values. */
    boolean hasKeysQuery() {
        return this == VLOG;
    }

    /** Whether it works on in the background when nobody calls it. */
    boolean hasBackgroundWork() {
        return this != MEMORY && this != RAW;
    }
}
