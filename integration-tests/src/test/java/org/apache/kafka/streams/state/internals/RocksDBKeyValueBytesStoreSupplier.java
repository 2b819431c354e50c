/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package org.apache.kafka.streams.state.internals;

import io.vlogstreams.VLogStores;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Replaces Kafka's class of the same name, so that Kafka's unmodified tests run on our store.
 *
 * <p>{@code Stores.persistentKeyValueStore}, {@code Stores.persistentTimestampedKeyValueStore} and the default stores
 * of the DSL all construct this class. Test classes come before jars on the class path, so Kafka's class never loads.
 * Name and constructor are Kafka's.
 */
public class RocksDBKeyValueBytesStoreSupplier implements KeyValueBytesStoreSupplier {
    private final KeyValueBytesStoreSupplier vlog;

    public RocksDBKeyValueBytesStoreSupplier(String name, boolean returnTimestampedStore) {
        this.vlog = returnTimestampedStore
                ? VLogStores.persistentTimestampedKeyValueStore(name)
                : VLogStores.persistentKeyValueStore(name);
    }

    @Override
    public String name() {
        return vlog.name();
    }

    @Override
    public KeyValueStore<Bytes, byte[]> get() {
        return vlog.get();
    }

    @Override
    public String metricsScope() {
        return vlog.metricsScope();
    }
}
