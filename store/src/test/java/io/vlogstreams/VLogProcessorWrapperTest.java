/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static io.vlogstreams.TestTopology.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.streams.CountedCleanups;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which processors clean up which stores in topologies built with the wrapper. */
class VLogProcessorWrapperTest {

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    @TempDir
    Path stateFolder;

    private final CountedCleanups documents = new CountedCleanups("documents");
    private final CountedCleanups others = new CountedCleanups("others");

    private final Map<String, Object> properties =
            new HashMap<>(Map.of(StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG, VLogProcessorWrapper.class));

    private TopologyConfig config() {
        return new TopologyConfig(new StreamsConfig(TestTopology.properties(stateFolder, properties)));
    }

    private TestTopology run(Topology topology) {
        return new TestTopology(stateFolder, topology, properties);
    }

    private static StoreBuilder<?> builder(KeyValueBytesStoreSupplier store) {
        return Stores.keyValueStoreBuilder(store, Serdes.String(), Serdes.String());
    }

    /** Puts every record into the stores and forwards it. */
    private static ProcessorSupplier<String, String, String, String> puts(String... storeNames) {
        return () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, String> record) {
                for (String name : storeNames) {
                    context().<KeyValueStore<String, String>>getStateStore(name).put(record.key(), record.value());
                }
                context().forward(record);
            }
        };
    }

    private static FixedKeyProcessorSupplier<String, String, String> passesOn() {
        return () -> new ContextualFixedKeyProcessor<>() {
            @Override
            public void process(FixedKeyRecord<String, String> record) {
                context().forward(record);
            }
        };
    }

    private Topology topology() {
        return new Topology(config()).addSource("source", new StringDeserializer(), new StringDeserializer(), "input");
    }

    private static void assertPassesOn(TestTopology running) {
        running.input("input").pipeInput("a", large("1"));
        assertThat(running.output("output").readKeyValuesToList()).containsExactly(KeyValue.pair("a", large("1")));
    }

    @Test
    void manyProcessorsTriggerTheCleanupOfAStoreOncePerInterval() {
        Topology topology = topology()
                .addProcessor("first", puts("documents"), "source")
                .addProcessor("second", puts("documents", "others"), "first")
                .addProcessor("third", puts("others"), "second")
                .addProcessor("none", puts(), "third")
                .addStateStore(builder(documents), "first", "second")
                .addStateStore(builder(others))
                .connectProcessorAndStateStores("third", "others")
                .connectProcessorAndStateStores("second", "others")
                .addSink("sink", "output", "none");
        try (TestTopology running = run(topology)) {
            assertPassesOn(running);
            assertThat(documents.count()).isZero();
            for (int i = 1; i <= 3; i++) {
                running.driver().advanceWallClockTime(INTERVAL);
                assertThat(documents.count()).isEqualTo(i);
                assertThat(others.count()).isEqualTo(i);
            }
        }
    }

    @Test
    void aStoreThatAProcessorBringsAlongIsCleanedUp() {
        Topology topology = topology()
                .addProcessor(
                        "puts",
                        new ProcessorSupplier<String, String, String, String>() {
                            @Override
                            public Processor<String, String, String, String> get() {
                                return puts("documents").get();
                            }

                            @Override
                            public Set<StoreBuilder<?>> stores() {
                                return Set.of(builder(documents));
                            }
                        },
                        "source")
                .addSink("sink", "output", "puts");
        try (TestTopology running = run(topology)) {
            assertPassesOn(running);
            running.driver().advanceWallClockTime(INTERVAL);
            assertThat(documents.count()).isOne();
        }
    }

    @Test
    void aProcessorWithAFixedKeyTriggersIt() {
        StreamsBuilder builder = new StreamsBuilder(config());
        builder.addStateStore(builder(documents));
        builder.<String, String>stream("input")
                .processValues(passesOn(), "documents")
                .to("output");
        try (TestTopology running = run(builder.build())) {
            assertPassesOn(running);
            running.driver().advanceWallClockTime(INTERVAL);
            assertThat(documents.count()).isOne();
        }
    }

    @Test
    void besideVLogCleanupAStoreIsCleanedUpOncePerInterval() {
        StreamsBuilder builder = new StreamsBuilder(config());
        builder.addStateStore(builder(documents));
        builder.addStateStore(builder(others));
        builder.<String, String>stream("input")
                .process(VLogCleanup.processor("documents"), "documents")
                .process(puts("documents", "others"), "documents", "others")
                .processValues(VLogCleanup.fixedKeyProcessor(), "documents", "others")
                .to("output");
        try (TestTopology running = run(builder.build())) {
            assertPassesOn(running);
            running.driver().advanceWallClockTime(INTERVAL);
            assertThat(documents.count()).isOne();
            assertThat(others.count()).isOne();
        }
    }

    @Test
    void kafkasStoresAndProcessorsWithoutAStoreAreLeftAlone() {
        Topology topology = topology()
                .addProcessor("puts", puts("kafkas"), "source")
                .addProcessor("none", puts(), "puts")
                .addStateStore(builder(Stores.persistentKeyValueStore("kafkas")), "puts")
                .addSink("sink", "output", "none");
        try (TestTopology running = run(topology)) {
            assertPassesOn(running);
            running.driver().advanceWallClockTime(INTERVAL);
        }
    }

    /** Both are filled by processors that Kafka Streams does not wrap. */
    @Test
    void globalAndReadOnlyStoresWorkAsWithoutIt() {
        Topology topology = topology()
                .addProcessor("none", puts(), "source")
                .addGlobalStore(
                        builder(documents).withLoggingDisabled(),
                        "globals",
                        new StringDeserializer(),
                        new StringDeserializer(),
                        "globals",
                        "puts globals",
                        () -> new Filling("documents"))
                .addReadOnlyStateStore(
                        builder(others),
                        "read-only",
                        new StringDeserializer(),
                        new StringDeserializer(),
                        "read-only",
                        "puts read-only",
                        () -> new Filling("others"))
                .addSink("sink", "output", "none");
        try (TestTopology running = run(topology)) {
            assertPassesOn(running);
            running.input("globals").pipeInput("g", large("1"));
            running.input("read-only").pipeInput("r", large("2"));
            running.driver().advanceWallClockTime(INTERVAL);
            assertThat(running.driver().getKeyValueStore("documents").get("g")).isEqualTo(large("1"));
            assertThat(running.driver().getKeyValueStore("others").get("r")).isEqualTo(large("2"));
            assertThat(documents.count()).isZero();
            assertThat(others.count()).isZero();
        }
    }

    /** Puts every record into the store, which its processor alone may do with global stores. */
    private static final class Filling implements Processor<String, String, Void, Void> {

        private final String storeName;
        private KeyValueStore<String, String> store;

        private Filling(String storeName) {
            this.storeName = storeName;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            store = context.getStateStore(storeName);
        }

        @Override
        public void process(Record<String, String> record) {
            store.put(record.key(), record.value());
        }
    }

    @Test
    void withoutItsPropertyInTheConfigOfTheTopologyItIsNotThere() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(builder(documents));
        builder.<String, String>stream("input")
                .process(puts("documents"), "documents")
                .to("output");
        try (TestTopology running = run(builder.build())) {
            assertPassesOn(running);
            running.driver().advanceWallClockTime(INTERVAL);
            assertThat(documents.count()).isZero();
        }
    }

    @Test
    void aBadOptionIsRefused() {
        properties.put("vlog.documents.cleanup.interval.ms", "0");
        assertThatThrownBy(() -> new VLogProcessorWrapper().configure(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("vlog.documents.cleanup.interval.ms");
    }
}
