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

/** The stores that are compared, each as created by its supplier. */
enum StoreKind {
    VLOG("VLog store", null),
    ROCKSDB("RocksDBStore", null),
    BLOBDB("BlobDB", BlobFiles.class),
    BLOBDB_FORCED("BlobDB forced", ForcedBlobFiles.class),
    MEMORY("in memory", null),
    RAW("raw file", null);

    /** The workloads of a bare file, which has no order and is not thread-safe. */
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

    /** Returns the name in tables. */
    String label() {
        return label;
    }

    /** Returns the name in the options. */
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static StoreKind ofOption(String option) {
        return valueOf(option.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** Returns the Streams properties that the store needs. */
    Map<String, Object> properties() {
        return configSetter == null ? Map.of() : Map.of(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, configSetter);
    }

    /** Creates the raw bytes store, without the layers of a builder; it is not initialised. */
    KeyValueStore<Bytes, byte[]> newStore(String name) {
        return switch (this) {
            case VLOG -> VLogStores.persistentKeyValueStore(name).get();
            // The same as Stores.persistentKeyValueStore, which in this module creates our store, for Kafka's own
            // tests (see RocksDBKeyValueBytesStoreSupplier in the test sources).
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
     * Returns whether a kill may lose committed writes. Kafka's RocksDBStore has no write-ahead log, and restores
     * unflushed writes from the changelog.
     */
    boolean forgetsWhenKilled() {
        return this == ROCKSDB || this == BLOBDB || this == BLOBDB_FORCED;
    }

    /**
     * Returns whether the store has a query for keys. The in-memory store needs none: its iterator copies no values.
     */
    boolean hasKeysQuery() {
        return this == VLOG;
    }

    /** Returns whether the store works in the background. */
    boolean hasBackgroundWork() {
        return this != MEMORY && this != RAW;
    }
}
