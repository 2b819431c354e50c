/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package org.apache.kafka.streams.processor.internals;

import io.vlogstreams.VLogProcessorWrapper;
import java.util.Set;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.ProcessorWrapper;
import org.apache.kafka.streams.processor.api.WrappedFixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.WrappedProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Replaces Kafka's class of the same name, the default wrapper of every topology, so that Kafka's unmodified tests run
 * with {@link VLogProcessorWrapper}; see pom.xml. Without the system property {@code vlog.wrapper} it does nothing,
 * like Kafka's.
 *
 * <p>Test classes come before jars on the class path, so Kafka's class never loads. The names are Kafka's, including
 * those of the nested classes, which {@link ProcessorWrapper} creates.
 */
public class NoOpProcessorWrapper implements ProcessorWrapper {

    private final ProcessorWrapper vlog = new VLogProcessorWrapper();

    @Override
    public <KIn, VIn, KOut, VOut> WrappedProcessorSupplier<KIn, VIn, KOut, VOut> wrapProcessorSupplier(
            String processorName, ProcessorSupplier<KIn, VIn, KOut, VOut> supplier) {
        return Boolean.getBoolean("vlog.wrapper")
                ? vlog.wrapProcessorSupplier(processorName, supplier)
                : ProcessorWrapper.asWrapped(supplier);
    }

    @Override
    public <KIn, VIn, VOut> WrappedFixedKeyProcessorSupplier<KIn, VIn, VOut> wrapFixedKeyProcessorSupplier(
            String processorName, FixedKeyProcessorSupplier<KIn, VIn, VOut> supplier) {
        return Boolean.getBoolean("vlog.wrapper")
                ? vlog.wrapFixedKeyProcessorSupplier(processorName, supplier)
                : ProcessorWrapper.asWrappedFixedKey(supplier);
    }

    /** Created by {@link ProcessorWrapper#asWrapped}. */
    public record WrappedProcessorSupplierImpl<KIn, VIn, KOut, VOut>(ProcessorSupplier<KIn, VIn, KOut, VOut> supplier)
            implements WrappedProcessorSupplier<KIn, VIn, KOut, VOut> {

        @Override
        public Processor<KIn, VIn, KOut, VOut> get() {
            return supplier.get();
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return supplier.stores();
        }
    }

    /** Created by {@link ProcessorWrapper#asWrappedFixedKey}. */
    public record WrappedFixedKeyProcessorSupplierImpl<KIn, VIn, VOut>(
            FixedKeyProcessorSupplier<KIn, VIn, VOut> supplier)
            implements WrappedFixedKeyProcessorSupplier<KIn, VIn, VOut> {

        @Override
        public FixedKeyProcessor<KIn, VIn, VOut> get() {
            return supplier.get();
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return supplier.stores();
        }
    }
}
