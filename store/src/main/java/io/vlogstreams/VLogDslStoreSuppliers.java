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
 * Makes every key-value store of a DSL topology a VLog store, in the format the DSL asks for (plain, timestamped, or
 * with headers). Window and session stores stay Kafka's RocksDB stores.
 *
 * <p>Named in the property {@code dsl.store.suppliers.class}, given to a {@code TopologyConfig}, or passed to
 * {@code Materialized.withStoreType}. Kafka Streams makes an instance per store; no state is shared.
 */
public final class VLogDslStoreSuppliers implements DslStoreSuppliers {

    private static final String STORE_FORMAT = "dsl.store.format";

    /**
     * For Kafka Streams, which makes instances by reflection, and for {@code Materialized.withStoreType}.
     *
     * @throws UnsupportedVersionException if the Kafka Streams on the class path is older than 4.0
     */
    public VLogDslStoreSuppliers() {
        RuntimeFeatures.requireSupported();
    }

    /**
     * Checks the VLog options before any store is made.
     *
     * @throws ConfigException if a VLog option in the properties is out of range
     * @throws UnsupportedVersionException if the properties ask for headers and Kafka Streams is older than 4.3, which
     *     would pass over that silently
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

    @SuppressWarnings("deprecation") // it is all that 4.0 to 4.2 tell
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

    /** A class of its own, because a Kafka Streams before 4.3 has no store formats. */
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
