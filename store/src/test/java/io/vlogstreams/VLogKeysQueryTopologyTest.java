/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static io.vlogstreams.TestTopology.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries for keys from a processor: through every layer, bypassing the cache, and of a global store. */
class VLogKeysQueryTopologyTest {

    private static final String STORE = "documents";
    private static final Serde<String> TEXT = Serdes.String();

    @TempDir
    Path stateFolder;

    private interface Body {
        void process(StateStore store, Record<String, String> record);
    }

    private static StoreBuilder<KeyValueStore<String, String>> documents() {
        return Stores.keyValueStoreBuilder(VLogStores.persistentKeyValueStore(STORE), TEXT, TEXT);
    }

    /** Runs the body for every record, then forwards the keys that it finds. */
    private static ProcessorSupplier<String, String, String, String> thenKeys(Body body) {
        return () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, String> record) {
                StateStore store = context().getStateStore(STORE);
                body.process(store, record);
                context().forward(record.withValue(keys(store)));
            }
        };
    }

    private static String keys(StateStore store) {
        QueryResult<VLogKeyIterator<String>> result =
                store.query(VLogKeysQuery.withNoBounds(TEXT), PositionBound.unbounded(), new QueryConfig(false));
        StringJoiner joined = new StringJoiner(",");
        try (VLogKeyIterator<String> keys = result.getResult()) {
            keys.forEachRemaining(joined::add);
        }
        return joined.toString();
    }

    private TestTopology run(StoreBuilder<?> store, Body body) {
        Topology topology = new Topology()
                .addSource("source", new StringDeserializer(), new StringDeserializer(), "input")
                .addProcessor("processor", thenKeys(body), "source")
                .addStateStore(store, "processor")
                .addSink("sink", "output", "processor");
        return new TestTopology(stateFolder, topology, Map.of());
    }

    private static void put(StateStore store, Record<String, String> record) {
        KeyValueStore<String, String> documents = asDocuments(store);
        documents.put(record.key(), record.value());
    }

    @SuppressWarnings("unchecked") // the store that documents() builds
    private static KeyValueStore<String, String> asDocuments(StateStore store) {
        return (KeyValueStore<String, String>) store;
    }

    @Test
    void aProcessorSeesItsOwnWritesInAStoreWithoutACache() {
        try (TestTopology topology = run(documents(), VLogKeysQueryTopologyTest::put)) {
            topology.input("input").pipeInput("b", large("1"));
            topology.input("input").pipeInput("a", large("1"));
            topology.input("input").pipeInput("b", (String) null);
            assertThat(topology.output("output").readValuesToList()).containsExactly("b", "a,b", "a");
        }
    }

    /** As with Kafka's RangeQuery. */
    @Test
    void whatIsInTheCacheOnlyIsNotSeen() {
        try (TestTopology topology = run(documents().withCachingEnabled(), VLogKeysQueryTopologyTest::put)) {
            // The driver commits after each record, which flushes the cache.
            topology.input("input").pipeInput("a", large("1"));
            topology.input("input").pipeInput("b", large("1"));
            topology.input("input").pipeInput("a", (String) null);
            topology.input("input").pipeInput("c", large("1"));
            assertThat(topology.output("output").readValuesToList()).containsExactly("", "a", "a,b", "b");
        }
    }

    @Test
    void aGlobalStoreAnswersAProcessor() {
        ProcessorSupplier<String, String, Void, Void> fills = () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, String> record) {
                put(context().getStateStore(STORE), record);
            }
        };
        Topology topology = new Topology()
                .addGlobalStore(
                        documents().withLoggingDisabled(),
                        "global",
                        new StringDeserializer(),
                        new StringDeserializer(),
                        "documents",
                        "filler",
                        fills)
                .addSource("source", new StringDeserializer(), new StringDeserializer(), "input")
                .addProcessor("processor", thenKeys((store, record) -> {}), "source")
                .addSink("sink", "output", "processor");
        try (TestTopology running = new TestTopology(stateFolder, topology, Map.of())) {
            running.input("documents").pipeInput("b", large("1"));
            running.input("documents").pipeInput("a", large("1"));
            running.input("input").pipeInput("any", "record");
            assertThat(running.output("output").readValuesToList()).containsExactly("a,b");
        }
    }

    /** Kafka's adapter between the two refuses unknown queries. */
    @Test
    void aPlainStoreInATimestampedBuilderCannotBeAsked() {
        StoreBuilder<TimestampedKeyValueStore<String, String>> adapted =
                Stores.timestampedKeyValueStoreBuilder(VLogStores.persistentKeyValueStore(STORE), TEXT, TEXT);
        Body puts = (store, record) -> {
            @SuppressWarnings("unchecked")
            TimestampedKeyValueStore<String, String> documents = (TimestampedKeyValueStore<String, String>) store;
            documents.put(record.key(), ValueAndTimestamp.make(record.value(), record.timestamp()));
        };
        try (TestTopology topology = run(adapted, puts)) {
            assertThatThrownBy(() -> topology.input("input").pipeInput("a", large("1")))
                    .isInstanceOf(StreamsException.class)
                    .hasRootCauseInstanceOf(IllegalArgumentException.class);
        }
    }
}
