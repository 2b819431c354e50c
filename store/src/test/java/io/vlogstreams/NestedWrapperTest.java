/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

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
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.ProcessorWrapper;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.WrappedFixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.WrappedProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The application's own wrapper inside of ours, and invalid wrappers. */
class NestedWrapperTest {

    private static final String OPTION = VLogConfig.PROCESSOR_WRAPPER_CLASS;

    @TempDir
    Path stateFolder;

    private final Map<String, Object> properties =
            new HashMap<>(Map.of(StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG, VLogProcessorWrapper.class));

    /** A wrapper of the application, which marks the values that reach a processor. */
    public static final class Marking implements ProcessorWrapper {

        private String mark;

        @Override
        public void configure(Map<String, ?> configs) {
            mark = (String) configs.get("mark");
        }

        @Override
        public <KIn, VIn, KOut, VOut> WrappedProcessorSupplier<KIn, VIn, KOut, VOut> wrapProcessorSupplier(
                String processorName, ProcessorSupplier<KIn, VIn, KOut, VOut> supplier) {
            assertThat(supplier).isNotInstanceOf(WrappedProcessorSupplier.class);
            return ProcessorWrapper.asWrapped(new ProcessorSupplier<KIn, VIn, KOut, VOut>() {
                @Override
                public Processor<KIn, VIn, KOut, VOut> get() {
                    return new MarkingProcessor<>(supplier.get(), mark + processorName);
                }

                @Override
                public Set<StoreBuilder<?>> stores() {
                    return supplier.stores();
                }
            });
        }

        @Override
        public <KIn, VIn, VOut> WrappedFixedKeyProcessorSupplier<KIn, VIn, VOut> wrapFixedKeyProcessorSupplier(
                String processorName, FixedKeyProcessorSupplier<KIn, VIn, VOut> supplier) {
            return () -> new MarkingFixedKeyProcessor<>(supplier.get(), mark + processorName);
        }
    }

    private static final class MarkingProcessor<KIn, VIn, KOut, VOut> implements Processor<KIn, VIn, KOut, VOut> {

        private final Processor<KIn, VIn, KOut, VOut> processor;
        private final String mark;

        private MarkingProcessor(Processor<KIn, VIn, KOut, VOut> processor, String mark) {
            this.processor = processor;
            this.mark = mark;
        }

        @Override
        public void init(ProcessorContext<KOut, VOut> context) {
            processor.init(context);
        }

        @Override
        @SuppressWarnings("unchecked") // all values of these tests are text
        public void process(Record<KIn, VIn> record) {
            processor.process(record.withValue((VIn) (record.value() + mark)));
        }
    }

    private static final class MarkingFixedKeyProcessor<KIn, VIn, VOut> implements FixedKeyProcessor<KIn, VIn, VOut> {

        private final FixedKeyProcessor<KIn, VIn, VOut> processor;
        private final String mark;

        private MarkingFixedKeyProcessor(FixedKeyProcessor<KIn, VIn, VOut> processor, String mark) {
            this.processor = processor;
            this.mark = mark;
        }

        @Override
        public void init(FixedKeyProcessorContext<KIn, VOut> context) {
            processor.init(context);
        }

        @Override
        @SuppressWarnings("unchecked") // all values of these tests are text
        public void process(FixedKeyRecord<KIn, VIn> record) {
            processor.process(record.withValue((VIn) (record.value() + mark)));
        }
    }

    private TopologyConfig config() {
        return new TopologyConfig(new StreamsConfig(TestTopology.properties(stateFolder, properties)));
    }

    private static ContextualProcessor<String, String, String, String> passesOn() {
        return new ContextualProcessor<>() {
            @Override
            public void process(Record<String, String> record) {
                context().forward(record);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itWrapsTheProcessorsAndTheyTriggerTheCleanup(boolean byName) {
        properties.put(OPTION, byName ? Marking.class.getName() : Marking.class);
        properties.put("mark", "!");
        CountedCleanups documents = new CountedCleanups("documents");
        Topology topology = new Topology(config())
                .addSource("source", new StringDeserializer(), new StringDeserializer(), "input")
                .addProcessor("one", NestedWrapperTest::passesOn, "source")
                .addProcessor("two", NestedWrapperTest::passesOn, "one")
                .addStateStore(Stores.keyValueStoreBuilder(documents, Serdes.String(), Serdes.String()), "two")
                .addSink("sink", "output", "two");
        try (TestTopology running = new TestTopology(stateFolder, topology, properties)) {
            running.input("input").pipeInput("a", "value");
            assertThat(running.output("output").readValue()).isEqualTo("value!one!two");
            running.driver().advanceWallClockTime(Duration.ofSeconds(1));
            assertThat(documents.count()).isOne();
        }
    }

    @Test
    void itWrapsProcessorsWithAFixedKey() {
        properties.put(OPTION, Marking.class);
        properties.put("mark", "!");
        StreamsBuilder builder = new StreamsBuilder(config());
        builder.<String, String>stream("input")
                .mapValues(value -> value, Named.as("map"))
                .to("output");
        try (TestTopology running = new TestTopology(stateFolder, builder.build(), properties)) {
            running.input("input").pipeInput("a", "value");
            assertThat(running.output("output").readValue()).isEqualTo("value!map");
        }
    }

    /** Not public. */
    static final class Hidden extends Unconfigured {
        public Hidden() {}
    }

    /** No public constructor. */
    public static class Unconfigured extends Abstract {
        Unconfigured() {}
    }

    public abstract static class Abstract implements ProcessorWrapper {
        @Override
        public <KIn, VIn, KOut, VOut> WrappedProcessorSupplier<KIn, VIn, KOut, VOut> wrapProcessorSupplier(
                String processorName, ProcessorSupplier<KIn, VIn, KOut, VOut> supplier) {
            return ProcessorWrapper.asWrapped(supplier);
        }

        @Override
        public <KIn, VIn, VOut> WrappedFixedKeyProcessorSupplier<KIn, VIn, VOut> wrapFixedKeyProcessorSupplier(
                String processorName, FixedKeyProcessorSupplier<KIn, VIn, VOut> supplier) {
            return ProcessorWrapper.asWrappedFixedKey(supplier);
        }
    }

    /** Its constructor fails. */
    public static final class Failing extends Abstract {
        public Failing() {
            throw new IllegalStateException("not today");
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                String.class,
                ProcessorWrapper.class,
                VLogProcessorWrapper.class,
                Hidden.class,
                Unconfigured.class,
                Abstract.class
            })
    void whatIsNoWrapperOfTheApplicationIsRefused(Class<?> wrapper) {
        assertRefused(wrapper, "must be a public class that implements ProcessorWrapper");
        assertRefused(wrapper.getName(), "must be a public class that implements ProcessorWrapper");
    }

    @Test
    void aWrapperThatCannotBeFoundOrMadeIsRefused() {
        assertRefused("com.example.Missing", "could not be found");
        assertRefused(Failing.class, "not today");
    }

    private void assertRefused(Object wrapper, String reason) {
        String name = wrapper instanceof Class<?> type ? type.getName() : wrapper.toString();
        properties.put(OPTION, wrapper);
        assertThatThrownBy(() -> new VLogProcessorWrapper().configure(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(OPTION)
                .hasMessageContaining(name)
                .hasMessageContaining(reason);
    }

    @Test
    void aBadWrapperStopsTheApplicationWhenItsTopologyIsBuilt() {
        properties.put(OPTION, VLogProcessorWrapper.class.getName());
        assertThatThrownBy(() -> new StreamsBuilder(config()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(OPTION)
                .hasMessageContaining(VLogProcessorWrapper.class.getName())
                .hasMessageContaining("other than VLogProcessorWrapper");
    }
}
