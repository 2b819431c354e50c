/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import io.vlogstreams.VLogStores;
import io.vlogstreams.broker.StoreFormat.Table;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** The topologies that more than one test uses. Each has one store. */
final class Topologies {

    /** The name of the store of {@link #documents} and {@link #counts}. */
    static final String STORE = "documents";

    /** Computes the new value of a key from a record and the stored value. */
    private interface Step {
        void run(Record<String, byte[]> record, Table table);
    }

    private Topologies() {}

    /** A store with the newest value of each key; a null value deletes the key. Idempotent. */
    static Topology documents(String input, StoreFormat format) {
        return documents(input, format, format.builder(STORE));
    }

    static Topology documents(String input, StoreFormat format, StoreBuilder<?> store) {
        return topology(input, format, store, (document, table) -> table.put(document));
    }

    /** A store that has, for each key, a payload whose version is the number of its records. Not idempotent. */
    static Topology counts(String input) {
        return topology(input, StoreFormat.TIMESTAMPED, StoreFormat.TIMESTAMPED.builder(STORE), (record, table) -> {
            byte[] old = table.get(record.key());
            int count = 1 + (old == null ? 0 : Payload.decode(record.key(), old).version());
            table.put(record.withValue(count(record.key(), count).encode()));
        });
    }

    /** Returns the payload that {@link #counts} stores for a key after that many records. */
    static Payload count(String key, int count) {
        return new Payload(key, count, 200 + Math.floorMod(key.hashCode() + 31 * count, 8000));
    }

    private static Topology topology(String input, StoreFormat format, StoreBuilder<?> store, Step step) {
        return new Topology()
                .addSource("input", new StringDeserializer(), new ByteArrayDeserializer(), input)
                .addProcessor("step", () -> new StepProcessor(format, step), "input")
                .addStateStore(store, "step");
    }

    /** A global store with the newest value of each key, filled by a processor. */
    static Topology globalStore(String input) {
        StoreBuilder<?> store = Stores.keyValueStoreBuilder(
                        VLogStores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
                .withLoggingDisabled();
        return new Topology()
                .addGlobalStore(
                        store,
                        "global-input",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        input,
                        "global-step",
                        () -> new StepProcessor(StoreFormat.PLAIN, (document, table) -> table.put(document)));
    }

    /** A GlobalKTable with the newest value of each key. */
    static Topology globalTable(String input) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.globalTable(
                input,
                Consumed.with(Serdes.String(), Serdes.ByteArray()),
                Materialized.<String, byte[]>as(VLogStores.persistentTimestampedKeyValueStore(STORE)));
        return builder.build();
    }

    private static final class StepProcessor extends ContextualProcessor<String, byte[], Void, Void> {

        private final StoreFormat format;
        private final Step step;
        private Table table;

        private StepProcessor(StoreFormat format, Step step) {
            this.format = format;
            this.step = step;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            super.init(context);
            table = format.open(STORE, context);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            step.run(record, table);
        }
    }
}
