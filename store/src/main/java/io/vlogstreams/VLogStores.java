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
 * The stores that keep large values in a VLog, named as in Kafka's {@link Stores}. Use a supplier wherever one of
 * {@code Stores} fits: in {@link Stores#keyValueStoreBuilder}, {@link Stores#timestampedKeyValueStoreBuilder},
 * {@link Stores#timestampedKeyValueStoreWithHeadersBuilder}, or {@code Materialized.as}.
 *
 * <p>With a Kafka Streams older than 4.0, and stores with headers with one older than 4.3, each method throws an
 * {@link UnsupportedVersionException} that names the version found and the one needed.
 *
 * <p>A name is what Kafka allows for a store. A supplier can be used by any thread; each of its stores belongs to one
 * task.
 */
public final class VLogStores {

    private VLogStores() {}

    /** A supplier of persistent key-value stores, with the options of the Streams properties. */
    public static KeyValueBytesStoreSupplier persistentKeyValueStore(String name) {
        return persistentKeyValueStore(name, VLogConfig.defaults());
    }

    /**
     * A supplier of persistent key-value stores.
     *
     * @param config options that win over the Streams properties for all stores; see {@link VLogConfig}
     */
    public static KeyValueBytesStoreSupplier persistentKeyValueStore(String name, VLogConfig config) {
        RuntimeFeatures.requireSupported();
        return VLogStoreSupplier.of(name, ValueFormat.PLAIN, config);
    }

    /** A supplier of persistent key-value stores that keep a timestamp with each value. */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStore(String name) {
        return persistentTimestampedKeyValueStore(name, VLogConfig.defaults());
    }

    /**
     * A supplier of persistent key-value stores that keep a timestamp with each value.
     *
     * @param config options that win over the Streams properties for all stores; see {@link VLogConfig}
     */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStore(String name, VLogConfig config) {
        RuntimeFeatures.requireSupported();
        return VLogStoreSupplier.of(name, ValueFormat.TIMESTAMPED, config);
    }

    /** A supplier of persistent key-value stores that keep a timestamp and headers with each value. */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStoreWithHeaders(String name) {
        return persistentTimestampedKeyValueStoreWithHeaders(name, VLogConfig.defaults());
    }

    /**
     * A supplier of persistent key-value stores that keep a timestamp and headers with each value.
     *
     * @param config options that win over the Streams properties for all stores; see {@link VLogConfig}
     */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStoreWithHeaders(
            String name, VLogConfig config) {
        RuntimeFeatures.requireSupported();
        return VLogStoreSupplier.of(name, ValueFormat.HEADERS, config);
    }
}
