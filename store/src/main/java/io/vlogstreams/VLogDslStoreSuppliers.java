/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import io.vlogstreams.internal.streams.RuntimeFeatures;
import io.vlogstreams.internal.streams.VLogStoreSupplier;
import io.vlogstreams.internal.streams.ValueFormat;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.state.DslKeyValueParams;
import org.apache.kafka.streams.state.DslSessionParams;
import org.apache.kafka.streams.state.DslStoreSuppliers;
import org.apache.kafka.streams.state.DslWindowParams;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

/**
 * Makes every key-value store of a DSL topology a VLog store, in the format that the DSL asks for (plain, timestamped,
 * or with headers). Window and session stores remain Kafka's RocksDB stores.
 *
 * <p>Set the property {@code dsl.store.suppliers.class} to this class, pass it to a {@code TopologyConfig}, or pass an
 * instance to {@code Materialized.withStoreType}. Kafka Streams creates an instance per store; no state is shared.
 */
public final class VLogDslStoreSuppliers implements DslStoreSuppliers {

    private static final String STORE_FORMAT = "dsl.store.format";

    /**
     * For Kafka Streams, which creates instances by reflection, and for {@code Materialized.withStoreType}.
     *
     * @throws UnsupportedVersionException if the Kafka Streams on the class path is older than 4.0
     */
    public VLogDslStoreSuppliers() {
        RuntimeFeatures.requireSupported();
    }

    /**
     * Checks the VLog options before any store is created.
     *
     * @throws ConfigException if a VLog option in the properties is out of range
     * @throws UnsupportedVersionException if the properties ask for headers and Kafka Streams is older than 4.3, which
     *     would silently ignore that
     */
    @Override
    public void configure(Map<String, ?> configs) {
        if ("HEADERS".equals(configs.get(STORE_FORMAT))) {
            RuntimeFeatures.requireHeaders();
        }
        VLogConfig.validate(configs);
    }

    @Override
    public KeyValueBytesStoreSupplier keyValueStore(DslKeyValueParams params) {
        return VLogStoreSupplier.of(params.name(), formatOf(params), VLogConfig.defaults());
    }

    @SuppressWarnings("deprecation") // the only information in 4.0 to 4.2
    private static ValueFormat formatOf(DslKeyValueParams params) {
        if (RuntimeFeatures.hasHeaders()) {
            return StoreFormats.of(params);
        }
        return params.isTimestamped() ? ValueFormat.TIMESTAMPED : ValueFormat.PLAIN;
    }

    @Override
    public WindowBytesStoreSupplier windowStore(DslWindowParams params) {
        return BuiltInDslStoreSuppliers.ROCKS_DB.windowStore(params);
    }

    @Override
    public SessionBytesStoreSupplier sessionStore(DslSessionParams params) {
        return BuiltInDslStoreSuppliers.ROCKS_DB.sessionStore(params);
    }

    /** A separate class, because Kafka Streams before 4.3 has no store formats. */
    private static final class StoreFormats {

        static ValueFormat of(DslKeyValueParams params) {
            return switch (params.dslStoreFormat()) {
                case PLAIN -> ValueFormat.PLAIN;
                case TIMESTAMPED -> ValueFormat.TIMESTAMPED;
                case HEADERS -> ValueFormat.HEADERS;
            };
        }
    }
}
