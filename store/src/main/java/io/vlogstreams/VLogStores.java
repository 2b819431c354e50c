/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import io.vlogstreams.internal.streams.RuntimeFeatures;
import io.vlogstreams.internal.streams.VLogStoreSupplier;
import io.vlogstreams.internal.streams.ValueFormat;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;

/**
 * Suppliers of stores that keep large values in a VLog. The methods are named as in Kafka's {@link Stores}. Use a
 * supplier wherever one of {@code Stores} fits: in {@link Stores#keyValueStoreBuilder},
 * {@link Stores#timestampedKeyValueStoreBuilder}, {@link Stores#timestampedKeyValueStoreWithHeadersBuilder}, or
 * {@code Materialized.as}.
 *
 * <p>Each method throws an {@link UnsupportedVersionException} if Kafka Streams is older than 4.0, or older than 4.3
 * for stores with headers. The message names the version found and the one needed.
 *
 * <p>The name of a store must be one that Kafka allows. Suppliers are thread-safe; each of their stores belongs to one
 * task.
 */
public final class VLogStores {

    private VLogStores() {}

    /** Returns a supplier of persistent key-value stores, with the options of the Streams properties. */
    public static KeyValueBytesStoreSupplier persistentKeyValueStore(String name) {
        return persistentKeyValueStore(name, VLogConfig.defaults());
    }

    /**
     * Returns a supplier of persistent key-value stores.
     *
     * @param config options that take precedence over the Streams properties for all stores; see {@link VLogConfig}
     */
    public static KeyValueBytesStoreSupplier persistentKeyValueStore(String name, VLogConfig config) {
        RuntimeFeatures.requireSupported();
        return VLogStoreSupplier.of(name, ValueFormat.PLAIN, config);
    }

    /** Returns a supplier of persistent key-value stores that keep a timestamp with each value. */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStore(String name) {
        return persistentTimestampedKeyValueStore(name, VLogConfig.defaults());
    }

    /**
     * Returns a supplier of persistent key-value stores that keep a timestamp with each value.
     *
     * @param config options that take precedence over the Streams properties for all stores; see {@link VLogConfig}
     */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStore(String name, VLogConfig config) {
        RuntimeFeatures.requireSupported();
        return VLogStoreSupplier.of(name, ValueFormat.TIMESTAMPED, config);
    }

    /** Returns a supplier of persistent key-value stores that keep a timestamp and headers with each value. */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStoreWithHeaders(String name) {
        return persistentTimestampedKeyValueStoreWithHeaders(name, VLogConfig.defaults());
    }

    /**
     * Returns a supplier of persistent key-value stores that keep a timestamp and headers with each value.
     *
     * @param config options that take precedence over the Streams properties for all stores; see {@link VLogConfig}
     */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStoreWithHeaders(
            String name, VLogConfig config) {
        RuntimeFeatures.requireSupported();
        return VLogStoreSupplier.of(name, ValueFormat.HEADERS, config);
    }
}
