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
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Options;

/**
 * Applies the user's {@code rocksdb.config.setter} to the index. The signatures of a setter contain types of RocksDB,
 * so this class uses them, too.
 *
 * <p>The setter is created only when it is needed, because its static fields may be objects of RocksDB, which need the
 * native library.
 */
final class RocksDbConfigSetterTuning implements IndexTuning {

    private static final String PROPERTY = StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG;

    private final String storeName;
    private final Map<String, Object> streamsProperties;
    private final Object setterClass;
    private @Nullable RocksDBConfigSetter setter;

    private RocksDbConfigSetterTuning(String storeName, Map<String, Object> streamsProperties, Object setterClass) {
        this.storeName = storeName;
        this.streamsProperties = streamsProperties;
        this.setterClass = setterClass;
    }

    /** Returns the tuning that the properties name, or one that changes nothing. */
    static IndexTuning of(String storeName, Map<String, Object> streamsProperties) {
        Object setterClass = streamsProperties.get(PROPERTY);
        return setterClass == null
                ? IndexTuning.NONE
                : new RocksDbConfigSetterTuning(storeName, streamsProperties, setterClass);
    }

    @Override
    public BlockBasedTableConfig newTableConfig() {
        return KafkaInternals.newTableConfig();
    }

    @Override
    public void tune(Options options) {
        RocksDBConfigSetter made = newSetter();
        made.setConfig(storeName, options, streamsProperties);
        setter = made;
    }

    @Override
    public void release(Options options) {
        if (setter != null) {
            setter.close(storeName, options);
            setter = null;
        }
    }

    private RocksDBConfigSetter newSetter() {
        try {
            return setterType()
                    .asSubclass(RocksDBConfigSetter.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            ConfigException refused = new ConfigException(
                    PROPERTY,
                    setterClass,
                    "it has to be a class that implements RocksDBConfigSetter, with a constructor without arguments, but: "
                            + (e instanceof InvocationTargetException ? e.getCause() : e));
            refused.initCause(e);
            throw refused;
        }
    }

    /** The property is a class in Streams' own config, and a name in unparsed properties. */
    private Class<?> setterType() throws ClassNotFoundException {
        if (setterClass instanceof Class<?> type) {
            return type;
        }
        ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
        ClassLoader loader = ofThread != null ? ofThread : getClass().getClassLoader();
        return Class.forName(setterClass.toString().trim(), true, loader);
    }
}
