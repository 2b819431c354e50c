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
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.RocksDBStore;

/** Puts every record of a topic into a store: ours, or Kafka's. */
final class HeadlineTopology {

    static final int PARTITIONS = 4;
    static final String INPUT = "input";
    static final String STORE = "store";

    private HeadlineTopology() {}

    static Topology withVLogStore(Properties properties) {
        return with(VLogStores.persistentKeyValueStore(STORE), properties);
    }

    static Topology withRocksDbStore(Properties properties) {
        return with(new RocksDb(), properties);
    }

    private static Topology with(KeyValueBytesStoreSupplier store, Properties properties) {
        CommitWatch watch = CommitWatch.of(properties);
        Topology topology = new Topology();
        topology.addSource(
                "source", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), INPUT);
        topology.addProcessor("processor", watch == null ? putting() : watched(watch), "source");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                                watch == null ? store : watch.timing(store), Serdes.String(), Serdes.ByteArray())
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

    private static ProcessorSupplier<String, byte[], Void, Void> watched(CommitWatch watch) {
        return () -> new ContextualProcessor<>() {
            private KeyValueStore<String, byte[]> store;

            @Override
            public void init(ProcessorContext<Void, Void> context) {
                super.init(context);
                store = context.getStateStore(STORE);
                watch.opened(store);
            }

            @Override
            public void process(Record<String, byte[]> record) {
                store.put(record.key(), record.value());
                watch.processed();
            }
        };
    }

    /**
     * What {@code Stores.persistentKeyValueStore} gives. In this module that makes ours, for Kafka's own tests (see
     * {@code RocksDBKeyValueBytesStoreSupplier} in the test sources), so Kafka's store is named here itself.
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
