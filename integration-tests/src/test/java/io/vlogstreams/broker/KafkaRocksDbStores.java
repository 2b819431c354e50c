/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import java.util.function.Supplier;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.state.DslKeyValueParams;
import org.apache.kafka.streams.state.DslSessionParams;
import org.apache.kafka.streams.state.DslStoreSuppliers;
import org.apache.kafka.streams.state.DslWindowParams;
import org.apache.kafka.streams.state.HeadersBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;
import org.apache.kafka.streams.state.internals.RocksDBStore;
import org.apache.kafka.streams.state.internals.RocksDBTimestampedStore;
import org.apache.kafka.streams.state.internals.RocksDBTimestampedStoreWithHeaders;

/**
 * Kafka's RocksDB stores, for comparison. In this module {@code Stores.persistentKeyValueStore} and Kafka's DSL default
 * create our stores (see {@code RocksDBKeyValueBytesStoreSupplier} in the test sources), so Kafka's are created
 * directly.
 */
public final class KafkaRocksDbStores implements DslStoreSuppliers {

    private static final String SCOPE = "rocksdb";

    /** For Kafka Streams, which creates instances by reflection. */
    public KafkaRocksDbStores() {}

    static KeyValueBytesStoreSupplier plain(String name) {
        return new RocksDb(name, () -> new RocksDBStore(name, SCOPE));
    }

    @Override
    public KeyValueBytesStoreSupplier keyValueStore(DslKeyValueParams params) {
        String name = params.name();
        return switch (params.dslStoreFormat()) {
            case PLAIN -> plain(name);
            case TIMESTAMPED -> new RocksDb(name, () -> new RocksDBTimestampedStore(name, SCOPE));
            case HEADERS -> new RocksDbWithHeaders(name, () -> new RocksDBTimestampedStoreWithHeaders(name, SCOPE));
        };
    }

    @Override
    public WindowBytesStoreSupplier windowStore(DslWindowParams params) {
        return BuiltInDslStoreSuppliers.ROCKS_DB.windowStore(params);
    }

    @Override
    public SessionBytesStoreSupplier sessionStore(DslSessionParams params) {
        return BuiltInDslStoreSuppliers.ROCKS_DB.sessionStore(params);
    }

    private static class RocksDb implements KeyValueBytesStoreSupplier {

        private final String name;
        private final Supplier<KeyValueStore<Bytes, byte[]>> stores;

        private RocksDb(String name, Supplier<KeyValueStore<Bytes, byte[]>> stores) {
            this.name = name;
            this.stores = stores;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public KeyValueStore<Bytes, byte[]> get() {
            return stores.get();
        }

        @Override
        public String metricsScope() {
            return SCOPE;
        }
    }

    private static final class RocksDbWithHeaders extends RocksDb implements HeadersBytesStoreSupplier {

        private RocksDbWithHeaders(String name, Supplier<KeyValueStore<Bytes, byte[]>> stores) {
            super(name, stores);
        }
    }
}
