/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import io.vlogstreams.VLogStores;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.RocksDBStore;

/** Puts every record of a topic into our store or Kafka's. */
final class HeadlineTopology {

    static final int PARTITIONS = 4;
    static final String INPUT = "input";
    static final String STORE = "store";

    private HeadlineTopology() {}

    static Topology withVLogStore(Properties properties) {
        return with(CommitWatch.watched(VLogStores.persistentKeyValueStore(STORE), properties));
    }

    static Topology withRocksDbStore(Properties properties) {
        return with(CommitWatch.watched(new RocksDb(), properties));
    }

    private static Topology with(KeyValueBytesStoreSupplier store) {
        Topology topology = new Topology();
        topology.addSource(
                "source", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), INPUT);
        topology.addProcessor("processor", putting(), "source");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(store, Serdes.String(), Serdes.ByteArray())
                        .withCachingDisabled(),
                "processor");
        return topology;
    }

    private static ProcessorSupplier<String, byte[], Void, Void> putting() {
        return () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, byte[]> record) {
                KeyValueStore<String, byte[]> store = context().getStateStore(STORE);
                store.put(record.key(), record.value());
            }
        };
    }

    /**
     * The same as {@code Stores.persistentKeyValueStore}, which in this module creates our store, for Kafka's own tests
     * (see {@code RocksDBKeyValueBytesStoreSupplier} in the test sources).
     */
    private static final class RocksDb implements KeyValueBytesStoreSupplier {

        @Override
        public String name() {
            return STORE;
        }

        @Override
        public KeyValueStore<Bytes, byte[]> get() {
            return new RocksDBStore(STORE, metricsScope());
        }

        @Override
        public String metricsScope() {
            return "rocksdb";
        }
    }
}
