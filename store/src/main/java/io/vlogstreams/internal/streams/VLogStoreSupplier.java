/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogConfig;
import java.util.Objects;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.HeadersBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;

/** Supplies VLog stores of one name and format. Immutable and thread-safe. */
public class VLogStoreSupplier implements KeyValueBytesStoreSupplier {

    /** The name of the folder that holds the VLog stores of a task, and the prefix of the tag of their metrics. */
    static final String SCOPE = "vlog";

    private final String name;
    private final ValueFormat format;
    private final VLogConfig config;

    private VLogStoreSupplier(String name, ValueFormat format, VLogConfig config) {
        this.name = Objects.requireNonNull(name, "name cannot be null");
        StoreFolder.checkName(name);
        this.format = format;
        this.config = Objects.requireNonNull(config, "config cannot be null");
    }

    /**
     * Returns a supplier of stores of that name and format.
     *
     * @throws UnsupportedVersionException if the Kafka Streams on the class path is too old for them
     */
    public static VLogStoreSupplier of(String name, ValueFormat format, VLogConfig config) {
        RuntimeFeatures.requireSupported();
        if (format == ValueFormat.HEADERS) {
            RuntimeFeatures.requireHeaders();
            return Headers.supplier(name, config);
        }
        return new VLogStoreSupplier(name, format, config);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public KeyValueStore<Bytes, byte[]> get() {
        return switch (format) {
            case PLAIN -> new VLogKeyValueStore(name, format, config);
            case TIMESTAMPED -> new VLogTimestampedKeyValueStore(name, config);
            case HEADERS -> Headers.store(name, config);
        };
    }

    @Override
    public String metricsScope() {
        return SCOPE;
    }

    /** A separate class, because it uses types that Kafka Streams before 4.3 lacks. */
    private static final class Headers {

        static VLogStoreSupplier supplier(String name, VLogConfig config) {
            return new WithHeaders(name, config);
        }

        static VLogKeyValueStore store(String name, VLogConfig config) {
            return new VLogTimestampedKeyValueStoreWithHeaders(name, config);
        }
    }

    /** Has the marker interface that tells the DSL that the stores keep headers. */
    private static final class WithHeaders extends VLogStoreSupplier implements HeadersBytesStoreSupplier {

        private WithHeaders(String name, VLogConfig config) {
            super(name, ValueFormat.HEADERS, config);
        }
    }
}
