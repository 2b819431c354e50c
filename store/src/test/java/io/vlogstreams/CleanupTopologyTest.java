/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static io.vlogstreams.TestTopology.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the punctuator of the cleanup. Commits delete obsolete files, too, so iterators are kept open over them to
 * leave work for the punctuator.
 */
class CleanupTopologyTest {

    private static final String STORE = "documents";
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    @TempDir
    Path stateFolder;

    private static StoreBuilder<KeyValueStore<String, String>> store(String name) {
        return Stores.keyValueStoreBuilder(VLogStores.persistentKeyValueStore(name), Serdes.String(), Serdes.String());
    }

    /** Puts every record into the store and forwards it. */
    private static ProcessorSupplier<String, String, String, String> puts(String storeName) {
        return () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, String> record) {
                context()
                        .<KeyValueStore<String, String>>getStateStore(storeName)
                        .put(record.key(), record.value());
                context().forward(record);
            }
        };
    }

    private TestTopology run(Topology topology) {
        return new TestTopology(stateFolder, topology, Map.of());
    }

    private static Topology topology(String... cleanedUp) {
        return new Topology()
                .addSource("source", new StringDeserializer(), new StringDeserializer(), "input")
                .addProcessor("puts", puts(STORE), "source")
                .addProcessor("cleanup", VLogCleanup.processor(cleanedUp), "puts")
                .addStateStore(store(STORE), "puts", "cleanup")
                .addSink("sink", "output", "cleanup");
    }

    @Test
    void thePunctuatorDeletesObsoleteFiles() throws IOException {
        try (TestTopology running = run(topology(STORE))) {
            assertDeletesOnlyAfterTheInterval(running);
        }
    }

    @Test
    void withoutNamesItCleansUpAllStoresOfTheTask() throws IOException {
        try (TestTopology running = run(topology())) {
            assertDeletesOnlyAfterTheInterval(running);
        }
    }

    @Test
    void aDslStreamIsProcessedWithIt() throws IOException {
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(store(STORE));
        stream(builder)
                .process(puts(STORE), STORE)
                .process(VLogCleanup.processor(STORE), STORE)
                .to("output");
        try (TestTopology running = run(builder.build())) {
            assertDeletesOnlyAfterTheInterval(running);
        }
    }

    @Test
    void theValuesOfADslStreamAreProcessedWithIt() throws IOException {
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(store(STORE));
        stream(builder)
                .process(puts(STORE), STORE)
                .processValues(VLogCleanup.fixedKeyProcessor(STORE), STORE)
                .to("output");
        try (TestTopology running = run(builder.build())) {
            assertDeletesOnlyAfterTheInterval(running);
        }
    }

    private static KStream<String, String> stream(StreamsBuilder builder) {
        return builder.stream("input", Consumed.with(Serdes.String(), Serdes.String()));
    }

    private static void assertDeletesOnlyAfterTheInterval(TestTopology running) throws IOException {
        running.input("input").pipeInput("a", large(0));
        KeyValueStore<String, String> documents = running.driver().getKeyValueStore(STORE);
        List<KeyValueIterator<String, String>> holding = new ArrayList<>(List.of(documents.all()));
        for (int i = 1; i < 20; i++) {
            running.input("input").pipeInput("a", large(i));
            holding.add(documents.all()); // an iterator pins the files that existed when it was opened
        }
        long held = running.vlogFiles(STORE);
        assertThat(held).isGreaterThan(5);
        running.driver().advanceWallClockTime(INTERVAL);
        assertThat(running.vlogFiles(STORE)).as("while they are read").isEqualTo(held);
        for (int i = 0; i < 20; i++) {
            assertThat(holding.get(i).next()).isEqualTo(KeyValue.pair("a", large(i)));
        }
        holding.forEach(KeyValueIterator::close);
        running.driver().advanceWallClockTime(INTERVAL);
        awaitFewFiles(running);
        assertThat(documents.get("a")).isEqualTo(large(19));
        assertThat(running.output("output").readKeyValuesToList())
                .as("every record is passed on")
                .hasSize(20)
                .last()
                .isEqualTo(KeyValue.pair("a", large(19)));
    }

    /** Waits, because the punctuator only wakes the thread that does the work. */
    private static void awaitFewFiles(TestTopology running) {
        await().untilAsserted(() -> assertThat(running.vlogFiles(STORE)).isLessThanOrEqualTo(2));
    }

    @Test
    void itRunsAsOftenAsTheOptionSays() throws IOException {
        Set<Duration> intervals = new HashSet<>();
        Topology topology = new Topology()
                .addSource("source", new StringDeserializer(), new StringDeserializer(), "input")
                .addProcessor("cleanup", () -> watched(intervals), "source")
                .addStateStore(store(STORE), "cleanup");
        try (TestTopology running =
                new TestTopology(stateFolder, topology, Map.of("vlog.documents.cleanup.interval.ms", "61000"))) {
            assertThat(running.vlogFiles(STORE)).isZero();
            assertThat(intervals).containsExactly(Duration.ofSeconds(61));
        }
    }

    /** Returns the processor, and records the intervals that it schedules. */
    private static Processor<String, String, String, String> watched(Set<Duration> intervals) {
        Processor<String, String, String, String> cleanup =
                VLogCleanup.<String, String>processor(STORE).get();
        return new Processor<>() {
            @Override
            @SuppressWarnings("unchecked")
            public void init(ProcessorContext<String, String> context) {
                cleanup.init((ProcessorContext<String, String>) Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {ProcessorContext.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("schedule")) {
                                intervals.add((Duration) arguments[0]);
                            }
                            return method.invoke(context, arguments);
                        }));
            }

            @Override
            public void process(Record<String, String> record) {
                cleanup.process(record);
            }
        };
    }

    @Test
    void theNameOfNoStoreIsRefused() {
        assertThatThrownBy(() -> run(topology(STORE, "other")))
                .isInstanceOf(StreamsException.class)
                .hasStackTraceContaining("Cleanup of store other")
                .hasStackTraceContaining("no VLog store of that name");
    }

    @Test
    void theNameOfAStoreOfAnotherKindIsRefused() {
        StoreBuilder<KeyValueStore<String, String>> kafkas =
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("kafkas"), Serdes.String(), Serdes.String());
        Topology topology = new Topology()
                .addSource("source", new StringDeserializer(), new StringDeserializer(), "input")
                .addProcessor("puts", puts("kafkas"), "source")
                .addProcessor("cleanup", VLogCleanup.processor("kafkas"), "puts")
                .addStateStore(kafkas, "puts", "cleanup");
        assertThatThrownBy(() -> run(topology))
                .isInstanceOf(StreamsException.class)
                .hasStackTraceContaining("Cleanup of store kafkas");
    }

    @Test
    void aTaskWithoutAnyVLogStoreIsRefused() {
        Topology topology = new Topology()
                .addSource("source", new StringDeserializer(), new StringDeserializer(), "input")
                .addProcessor("cleanup", VLogCleanup.processor(), "source");
        assertThatThrownBy(() -> run(topology))
                .isInstanceOf(StreamsException.class)
                .hasStackTraceContaining("no VLog store");
    }
}
