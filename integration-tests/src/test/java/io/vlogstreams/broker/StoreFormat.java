/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import io.vlogstreams.VLogStores;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.TimestampedKeyValueStoreWithHeaders;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.ValueTimestampHeaders;

/** The three kinds of key-value stores, with strings as keys, and how a processor uses each. */
enum StoreFormat {
    PLAIN {
        @Override
        StoreBuilder<?> builder(String name) {
            return Stores.keyValueStoreBuilder(
                    VLogStores.persistentKeyValueStore(name), Serdes.String(), Serdes.ByteArray());
        }

        @Override
        Table open(String name, ProcessorContext<?, ?> context) {
            KeyValueStore<String, byte[]> store = context.getStateStore(name);
            return new Table() {
                @Override
                public byte[] get(String key) {
                    return store.get(key);
                }

                @Override
                public void put(Record<String, byte[]> record) {
                    store.put(record.key(), record.value());
                }
            };
        }
    },
    TIMESTAMPED {
        @Override
        StoreBuilder<?> builder(String name) {
            return Stores.timestampedKeyValueStoreBuilder(
                    VLogStores.persistentTimestampedKeyValueStore(name), Serdes.String(), Serdes.ByteArray());
        }

        @Override
        Table open(String name, ProcessorContext<?, ?> context) {
            TimestampedKeyValueStore<String, byte[]> store = context.getStateStore(name);
            return new Table() {
                @Override
                public byte[] get(String key) {
                    return ValueAndTimestamp.getValueOrNull(store.get(key));
                }

                @Override
                public void put(Record<String, byte[]> record) {
                    store.put(record.key(), ValueAndTimestamp.make(record.value(), record.timestamp()));
                }
            };
        }
    },
    HEADERS {
        @Override
        StoreBuilder<?> builder(String name) {
            return Stores.timestampedKeyValueStoreWithHeadersBuilder(
                    VLogStores.persistentTimestampedKeyValueStoreWithHeaders(name),
                    Serdes.String(),
                    Serdes.ByteArray());
        }

        @Override
        Table open(String name, ProcessorContext<?, ?> context) {
            TimestampedKeyValueStoreWithHeaders<String, byte[]> store = context.getStateStore(name);
            return new Table() {
                @Override
                public byte[] get(String key) {
                    return ValueTimestampHeaders.getValueOrNull(store.get(key));
                }

                @Override
                public void put(Record<String, byte[]> record) {
                    store.put(
                            record.key(),
                            ValueTimestampHeaders.make(
                                    record.value(), record.timestamp(), new RecordHeaders(record.headers())));
                }
            };
        }
    };

    /** Returns a builder of a VLog store of this kind. */
    abstract StoreBuilder<?> builder(String name);

    /** Returns the store of a task, whatever its kind. */
    abstract Table open(String name, ProcessorContext<?, ?> context);

    /** The operations of a processor on a store. */
    interface Table {
        /** Returns the value, or null. */
        byte[] get(String key);

        /** Stores the value of a record; null deletes. */
        void put(Record<String, byte[]> record);
    }
}
