/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package org.apache.kafka.streams.state.internals;

import io.vlogstreams.VLogStores;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.HeadersBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Replaces Kafka's class of the same name, like {@link RocksDBKeyValueBytesStoreSupplier}, for stores that keep
 * headers: {@code Stores.persistentTimestampedKeyValueStoreWithHeaders} and the DSL under
 * {@code dsl.store.format=HEADERS}.
 */
public class RocksDBKeyValueHeadersBytesStoreSupplier implements KeyValueBytesStoreSupplier, HeadersBytesStoreSupplier {
    private final KeyValueBytesStoreSupplier vlog;

    public RocksDBKeyValueHeadersBytesStoreSupplier(String name) {
        this.vlog = VLogStores.persistentTimestampedKeyValueStoreWithHeaders(name);
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
