/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.engine.StoreEngine;
import io.vlogstreams.internal.index.CommitPoint;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.index.RefusedTuningException;
import io.vlogstreams.internal.index.RocksDbIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStoreContext;

/**
 * The folder of a store's index. Opens the index with the tuning of the application, and replaces a damaged one.
 * Immutable.
 *
 * @param properties the properties of the application, with the {@code rocksdb.config.setter}
 */
record IndexFolder(Path path, String storeName, Map<String, Object> properties) {

    static IndexFolder of(String storeName, StateStoreContext context) {
        Path task = context.stateDir().toPath();
        return new IndexFolder(StoreFolder.of(task, storeName).index(), storeName, context.appConfigs());
    }

    LocationIndex open() throws IOException {
        try {
            return RocksDbIndex.open(path, RocksDbConfigSetterTuning.of(storeName, properties));
        } catch (RefusedTuningException e) {
            throw new ConfigException(
                    StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG,
                    properties.get(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG),
                    "the index of store " + storeName + " cannot be opened with what it sets: " + e.getMessage());
        }
    }

    /** Replaces a damaged index, which must not be open, by a new one. */
    void replace(CommitPoint commitPoint) throws IOException {
        RocksDbIndex.replace(path, RocksDbConfigSetterTuning.of(storeName, properties), commitPoint);
    }

    /** Closes the engine, and replaces the index if it turned out to be damaged. */
    void close(StoreEngine engine) throws IOException {
        CommitPoint emptied = engine.damage().emptied(engine.commitPoint());
        engine.close();
        if (engine.damage().needsNewIndex()) {
            replace(emptied);
        }
    }
}
