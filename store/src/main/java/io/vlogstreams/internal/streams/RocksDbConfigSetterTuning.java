/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.index.IndexTuning;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * The user's {@code rocksdb.config.setter}, applied to the index. It is the one class here that sees a type of RocksDB,
 * because the setter's methods have one.
 */
final class RocksDbConfigSetterTuning implements IndexTuning {

    private final String storeName;
    private final Map<String, Object> streamsProperties;
    private final RocksDBConfigSetter setter;

    private RocksDbConfigSetterTuning(
            String storeName, Map<String, Object> streamsProperties, RocksDBConfigSetter setter) {
        this.storeName = storeName;
        this.streamsProperties = streamsProperties;
        this.setter = setter;
    }

    /** The tuning the properties ask for, or none. */
    static IndexTuning of(String storeName, Map<String, Object> streamsProperties) {
        Object setterClass = streamsProperties.get(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG);
        if (!(setterClass instanceof Class<?> type)) {
            return IndexTuning.NONE;
        }
        return new RocksDbConfigSetterTuning(storeName, streamsProperties, newSetter(type));
    }

    private static RocksDBConfigSetter newSetter(Class<?> type) {
        try {
            return type.asSubclass(RocksDBConfigSetter.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            ConfigException refused = new ConfigException(
                    StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG,
                    type.getName(),
                    "it cannot be made: " + (e instanceof InvocationTargetException ? e.getCause() : e));
            refused.initCause(e);
            throw refused;
        }
    }

    @Override
    public void tune(Options options) {
        setter.setConfig(storeName, options, streamsProperties);
    }

    @Override
    public void release(Options options) {
        setter.close(storeName, options);
    }
}
