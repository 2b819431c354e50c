/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static io.vlogstreams.TestTopology.large;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.TimestampedKeyValueStoreWithHeaders;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.ValueTimestampHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Processor API topologies with each variant of our stores. */
class ProcessorTopologyTest {

    private static final String STORE = "documents";
    private static final Serde<String> TEXT = Serdes.String();

    @TempDir
    Path stateFolder;

    private interface Body<S extends StateStore> {
        void process(S store, Record<String, String> record, List<String> results);
    }

    /** Runs the body for every record and forwards what it adds to the results. */
    private static <S extends StateStore> ProcessorSupplier<String, String, String, String> processor(Body<S> body) {
        return () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, String> record) {
                List<String> results = new ArrayList<>();
                body.process(context().getStateStore(STORE), record, results);
                results.forEach(result -> context().forward(record.withValue(result)));
            }
        };
    }

    private <S extends StateStore> TestTopology run(StoreBuilder<S> store, Body<S> body) {
        Topology topology = new Topology()
                .addSource("source", new StringDeserializer(), new StringDeserializer(), "input")
                .addProcessor("processor", processor(body), "source")
                .addStateStore(store, "processor")
                .addSink("sink", "output", "processor");
        return new TestTopology(stateFolder, topology, Map.of());
    }

    private static <S extends StateStore> StoreBuilder<S> with(StoreBuilder<S> store, boolean cached, boolean logged) {
        StoreBuilder<S> chosen = cached ? store.withCachingEnabled() : store.withCachingDisabled();
        return logged ? chosen.withLoggingEnabled(Map.of()) : chosen.withLoggingDisabled();
    }

    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void aPlainStoreKeepsValues(boolean cached, boolean logged) throws IOException {
        StoreBuilder<KeyValueStore<String, String>> store = with(
                Stores.keyValueStoreBuilder(VLogStores.persistentKeyValueStore(STORE), TEXT, TEXT), cached, logged);
        Body<KeyValueStore<String, String>> appendsToWhatWasThere = (documents, record, results) -> {
            String old = documents.get(record.key());
            documents.put(record.key(), (old == null ? "" : old) + record.value());
            results.add(documents.get(record.key()));
        };
        try (TestTopology topology = run(store, appendsToWhatWasThere)) {
            topology.input("input").pipeInput("a", large("1"));
            topology.input("input").pipeInput("a", large("2"));
            assertThat(topology.output("output").readValuesToList())
                    .containsExactly(large("1"), large("1") + large("2"));
            assertThat(topology.vlogStores()).containsExactly(STORE);
            assertThat(topology.driver().producedTopicNames().contains("app-documents-changelog"))
                    .isEqualTo(logged);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTimestampedStoreKeepsTimestamps(boolean cached) {
        StoreBuilder<TimestampedKeyValueStore<String, String>> store = with(
                Stores.timestampedKeyValueStoreBuilder(
                        VLogStores.persistentTimestampedKeyValueStore(STORE), TEXT, TEXT),
                cached,
                true);
        Body<TimestampedKeyValueStore<String, String>> putsAndReads = (documents, record, results) -> {
            documents.put(record.key(), ValueAndTimestamp.make(record.value(), record.timestamp()));
            ValueAndTimestamp<String> found = documents.get(record.key());
            results.add(found.value() + "@" + found.timestamp());
        };
        try (TestTopology topology = run(store, putsAndReads)) {
            topology.input("input").pipeInput("a", large("1"), 1234);
            assertThat(topology.output("output").readValue()).isEqualTo(large("1") + "@1234");
            assertThat(topology.driver()
                            .<String, String>getTimestampedKeyValueStore(STORE)
                            .get("a"))
                    .isEqualTo(ValueAndTimestamp.make(large("1"), 1234));
        }
    }

    @ParameterizedTest
    @EnabledIf(KafkaOnClassPath.IS_43)
    @ValueSource(booleans = {true, false})
    void aStoreWithHeadersKeepsHeaders(boolean cached) {
        try (TestTopology topology = WithHeaders.topology(this, cached)) {
            topology.input("input").pipeInput("a", large("1"), 1234);
            assertThat(topology.output("output").readValue()).isEqualTo(large("1") + "@1234 2");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aProcessorMayDeleteWhatItIteratesOver(boolean cached) {
        StoreBuilder<KeyValueStore<String, String>> store =
                with(Stores.keyValueStoreBuilder(VLogStores.persistentKeyValueStore(STORE), TEXT, TEXT), cached, true);
        Body<KeyValueStore<String, String>> collects = (documents, record, results) -> {
            if (record.value() != null) {
                documents.put(record.key(), record.value());
                return;
            }
            try (KeyValueIterator<String, String> all = documents.all()) {
                while (all.hasNext()) {
                    KeyValue<String, String> entry = all.next();
                    results.add(entry.key);
                    documents.delete(entry.key);
                }
            }
        };
        try (TestTopology topology = run(store, collects)) {
            for (String key : List.of("b", "a", "c")) {
                topology.input("input").pipeInput(key, large(key));
            }
            topology.input("input").pipeInput("end", (String) null);
            topology.input("input").pipeInput("end", (String) null);
            assertThat(topology.output("output").readValuesToList()).containsExactly("a", "b", "c");
        }
    }

    @Test
    void aGlobalStoreIsFilled() throws IOException {
        StoreBuilder<KeyValueStore<String, String>> store = Stores.keyValueStoreBuilder(
                        VLogStores.persistentKeyValueStore(STORE), TEXT, TEXT)
                .withLoggingDisabled();
        ProcessorSupplier<String, String, Void, Void> fills = () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, String> record) {
                KeyValueStore<String, String> documents = context().getStateStore(STORE);
                documents.put(record.key(), record.value());
            }
        };
        Topology topology = new Topology()
                .addGlobalStore(
                        store, "source", new StringDeserializer(), new StringDeserializer(), "input", "filler", fills)
                .addSource("other", new StringDeserializer(), new StringDeserializer(), "other");
        try (TestTopology running = new TestTopology(
                stateFolder,
                topology,
                Map.of(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2))) {
            running.input("input").pipeInput("a", large("1"));
            assertThat(running.driver().<String, String>getKeyValueStore(STORE).get("a"))
                    .isEqualTo(large("1"));
            assertThat(running.vlogStores()).containsExactly(STORE);
        }
    }

    @Test
    void optionsInCodeApplyToTheStore() throws IOException {
        VLogConfig neverSeparate = VLogConfig.of(Map.of(VLogConfig.THRESHOLD_BYTES, Integer.MAX_VALUE));
        StoreBuilder<KeyValueStore<String, String>> store =
                Stores.keyValueStoreBuilder(VLogStores.persistentKeyValueStore(STORE, neverSeparate), TEXT, TEXT);
        Body<KeyValueStore<String, String>> puts =
                (documents, record, results) -> documents.put(record.key(), record.value());
        try (TestTopology topology = run(store, puts)) {
            topology.input("input").pipeInput("a", large("1"));
            assertThat(topology.vlogFiles(STORE)).isZero();
        }
    }

    /** A separate class, because it uses types that Kafka Streams before 4.3 lacks. */
    private static final class WithHeaders {

        static TestTopology topology(ProcessorTopologyTest test, boolean cached) {
            StoreBuilder<TimestampedKeyValueStoreWithHeaders<String, String>> store = with(
                    Stores.timestampedKeyValueStoreWithHeadersBuilder(
                            VLogStores.persistentTimestampedKeyValueStoreWithHeaders(STORE), TEXT, TEXT),
                    cached,
                    true);
            Body<TimestampedKeyValueStoreWithHeaders<String, String>> putsAndReads = (documents, record, results) -> {
                RecordHeaders headers = new RecordHeaders();
                headers.add("h", new byte[] {1, 2});
                documents.put(record.key(), ValueTimestampHeaders.make(record.value(), record.timestamp(), headers));
                ValueTimestampHeaders<String> found = documents.get(record.key());
                results.add(found.value() + "@" + found.timestamp() + " "
                        + found.headers().lastHeader("h").value().length);
            };
            return test.run(store, putsAndReads);
        }
    }
}
