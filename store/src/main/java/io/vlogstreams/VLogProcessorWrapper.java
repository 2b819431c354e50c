/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import io.vlogstreams.internal.streams.CleaningFixedKeyProcessor;
import io.vlogstreams.internal.streams.CleaningProcessor;
import io.vlogstreams.internal.streams.NamedInVain;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.ProcessorWrapper;
import org.apache.kafka.streams.processor.api.WrappedFixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.WrappedProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A processor wrapper that adds the punctuator of {@link VLogCleanup} to every processor that is connected to a VLog
 * store, including the operators of the DSL, without a change of the topology.
 *
 * <p>Set the property {@code processor.wrapper.class} to this class. Kafka Streams reads that property from the config
 * that the topology is built with, not from the properties it runs with:
 * <pre>{@code
 * properties.put("processor.wrapper.class", VLogProcessorWrapper.class);
 * new StreamsBuilder(new TopologyConfig(new StreamsConfig(properties)));   // DSL
 * new Topology(new TopologyConfig(new StreamsConfig(properties)));         // Processor API
 * }</pre>
 *
 * <p>The cleanup of each store is woken once per {@code vlog.cleanup.interval.ms}, however many processors are
 * connected to the store, including those of {@link VLogCleanup}. Processors without a VLog store are unaffected. Kafka
 * Streams does not wrap the processors that fill global and read-only stores.
 *
 * <p>The property {@code vlog.processor.wrapper.class} can name another wrapper. It is configured with the same
 * properties and wraps the processors first, as it would alone. This class wraps the processors that it returns.
 *
 * <p>For one thread: the one that builds the topology.
 */
public final class VLogProcessorWrapper implements ProcessorWrapper {

    private @Nullable ProcessorWrapper nested;

    /** For Kafka Streams, which creates an instance by reflection. */
    public VLogProcessorWrapper() {}

    /**
     * Checks the VLog options, and creates and configures the nested wrapper.
     *
     * @throws ConfigException if a VLog option in the properties is out of range, or the nested wrapper cannot be
     *     created
     */
    @Override
    public void configure(Map<String, ?> configs) {
        VLogConfig.validate(configs);
        nested = NestedWrapper.configured(configs);
        NamedInVain.PROCESSOR_WRAPPER.usedBy(configs.get(StreamsConfig.APPLICATION_ID_CONFIG));
    }

    @Override
    public <KIn, VIn, KOut, VOut> WrappedProcessorSupplier<KIn, VIn, KOut, VOut> wrapProcessorSupplier(
            String processorName, ProcessorSupplier<KIn, VIn, KOut, VOut> processorSupplier) {
        return new CleaningSupplier<>(
                nested == null ? processorSupplier : nested.wrapProcessorSupplier(processorName, processorSupplier));
    }

    @Override
    public <KIn, VIn, VOut> WrappedFixedKeyProcessorSupplier<KIn, VIn, VOut> wrapFixedKeyProcessorSupplier(
            String processorName, FixedKeyProcessorSupplier<KIn, VIn, VOut> processorSupplier) {
        return new CleaningFixedKeySupplier<>(
                nested == null
                        ? processorSupplier
                        : nested.wrapFixedKeyProcessorSupplier(processorName, processorSupplier));
    }

    private record CleaningSupplier<KIn, VIn, KOut, VOut>(ProcessorSupplier<KIn, VIn, KOut, VOut> supplier)
            implements WrappedProcessorSupplier<KIn, VIn, KOut, VOut> {

        @Override
        public Processor<KIn, VIn, KOut, VOut> get() {
            return new CleaningProcessor<>(supplier.get());
        }

        @Override
        public @Nullable Set<StoreBuilder<?>> stores() {
            return supplier.stores();
        }
    }

    private record CleaningFixedKeySupplier<KIn, VIn, VOut>(FixedKeyProcessorSupplier<KIn, VIn, VOut> supplier)
            implements WrappedFixedKeyProcessorSupplier<KIn, VIn, VOut> {

        @Override
        public FixedKeyProcessor<KIn, VIn, VOut> get() {
            return new CleaningFixedKeyProcessor<>(supplier.get());
        }

        @Override
        public @Nullable Set<StoreBuilder<?>> stores() {
            return supplier.stores();
        }
    }
}
