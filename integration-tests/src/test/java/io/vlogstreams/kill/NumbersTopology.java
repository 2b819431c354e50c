/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import io.vlogstreams.VLogStores;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * One subtopology with four VLog stores of different kinds per task: two aggregates of the DSL, with and without a
 * record cache; a store of the Processor API from which keys are also deleted; and a table whose changelog is its input
 * topic.
 */
final class NumbersTopology {

    static final int PARTITIONS = 4;

    static final String CACHED = "cached";
    static final String UNCACHED = "uncached";
    static final String DELETING = "deleting";
    static final String TABLE = "table";
    static final List<String> STORES = List.of(CACHED, UNCACHED, DELETING, TABLE);

    /** With this property {@link #UNCACHED} is a store of Kafka's own. */
    static final String FOREIGN = "test.foreign.store";

    /** With this property, processing fails for the {@link DisturbedNumbers} of its value. */
    static final String REFUSED = "test.refused.numbers";

    /** A disturbance that a test adds to the processing of a record. */
    @FunctionalInterface
    interface Disturbance {
        Disturbance NONE = input -> {};

        /** Called with each input after it was put into two stores. */
        void after(byte[] input);

        /** Returns the same disturbance, for these numbers only. */
        default Disturbance of(DisturbedNumbers numbers) {
            return input -> {
                if (numbers.take(input)) {
                    after(input);
                }
            };
        }

        /** Returns the disturbance that the properties of a child ask for. */
        static Disturbance askedFor(Properties properties) {
            String every = properties.getProperty(REFUSED);
            Disturbance refusal = input -> {
                throw new RefusedException(Tally.number(input));
            };
            return every == null ? NONE : refusal.of(new DisturbedNumbers(Integer.parseInt(every)));
        }
    }

    /** Thrown by a {@link Disturbance}. */
    static final class RefusedException extends RuntimeException {

        private static final long serialVersionUID = 1;

        RefusedException(long number) {
            super("number " + number + " is refused");
        }
    }

    private NumbersTopology() {}

    /**
     * Returns an input topic of the application. Each application has its own, because a recreated topic takes long to
     * become known.
     */
    static String numbers(String applicationId) {
        return applicationId + "-numbers";
    }

    /** Returns the other input topic, which is a table. */
    static String documents(String applicationId) {
        return applicationId + "-documents";
    }

    /** Returns the topic from which a store is restored. */
    static String changelog(String applicationId, String store) {
        return store.equals(TABLE) ? documents(applicationId) : applicationId + "-" + store + "-changelog";
    }

    /**
     * Builds the topology. The properties need {@code topology.optimization=all}, or the table gets a changelog of its
     * own.
     */
    static Topology build(Properties properties, Disturbance disturbance) {
        String applicationId = properties.getProperty(StreamsConfig.APPLICATION_ID_CONFIG);
        boolean foreign = properties.containsKey(FOREIGN);
        StreamsBuilder builder = new StreamsBuilder();
        KTable<String, byte[]> documents = builder.table(
                documents(applicationId),
                Consumed.with(Serdes.String(), Serdes.ByteArray()),
                Materialized.as(VLogStores.persistentTimestampedKeyValueStore(TABLE)));
        KStream<String, byte[]> numbers =
                builder.stream(numbers(applicationId), Consumed.with(Serdes.String(), Serdes.ByteArray()));
        KGroupedStream<String, byte[]> grouped = numbers.groupByKey(Grouped.with(Serdes.String(), Serdes.ByteArray()));
        grouped.aggregate(
                () -> null,
                (key, input, tally) -> Tally.add(tally, input),
                tallies(CACHED, false).withCachingEnabled());
        grouped.aggregate(
                () -> null,
                (key, input, tally) -> Tally.add(tally, input),
                tallies(UNCACHED, foreign).withCachingDisabled());
        builder.addStateStore(Stores.keyValueStoreBuilder(
                VLogStores.persistentKeyValueStore(DELETING), Serdes.String(), Serdes.ByteArray()));
        numbers.process(deleting(disturbance), DELETING);
        // The result of the join does not matter: the join connects everything to one subtopology.
        numbers.leftJoin(documents, (input, document) -> input).foreach((key, input) -> {});
        return builder.build(properties);
    }

    /** Builds a topology with a global table of the documents, and an aggregate without a changelog. */
    static Topology globalAndUnlogged(Properties properties) {
        String applicationId = properties.getProperty(StreamsConfig.APPLICATION_ID_CONFIG);
        StreamsBuilder builder = new StreamsBuilder();
        builder.globalTable(
                documents(applicationId),
                Consumed.with(Serdes.String(), Serdes.ByteArray()),
                Materialized.as(VLogStores.persistentTimestampedKeyValueStore(TABLE)));
        builder.stream(numbers(applicationId), Consumed.with(Serdes.String(), Serdes.ByteArray()))
                .groupByKey()
                .aggregate(
                        () -> null,
                        (key, input, tally) -> Tally.add(tally, input),
                        tallies(UNCACHED, false).withCachingDisabled().withLoggingDisabled());
        return builder.build(properties);
    }

    private static Materialized<String, byte[], KeyValueStore<org.apache.kafka.common.utils.Bytes, byte[]>> tallies(
            String store, boolean foreign) {
        KeyValueBytesStoreSupplier supplier = foreign
                ? Stores.persistentTimestampedKeyValueStore(store)
                : VLogStores.persistentTimestampedKeyValueStore(store);
        return Materialized.<String, byte[]>as(supplier)
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.ByteArray());
    }

    private static ProcessorSupplier<String, byte[], String, byte[]> deleting(Disturbance disturbance) {
        return () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, byte[]> record) {
                KeyValueStore<String, byte[]> store = context().getStateStore(DELETING);
                byte[] before = store.get(record.key());
                store.put(record.key(), Tally.deletes(record.value()) ? null : Tally.add(before, record.value()));
                disturbance.after(record.value());
            }
        };
    }
}
