/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import io.vlogstreams.internal.streams.CleanupFixedKeyProcessor;
import io.vlogstreams.internal.streams.CleanupProcessor;
import java.util.Set;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;

/**
 * Processors that clean up VLog stores: they pass every record on unchanged, and their punctuator wakes the
 * stores' cleanup every {@code vlog.cleanup.interval.ms}; the cleanup works on a thread of its own.
 * {@link VLogProcessorWrapper} does the same without a change of the topology.
 *
 * <p>Add one to the topology in the same sub-topology as the stores, which connecting it to them ensures:
 * <pre>{@code
 * stream.process(VLogCleanup.processor("documents"), "documents");                  // DSL
 * topology.addProcessor("cleanup", VLogCleanup.processor("documents"), "source")    // Processor API
 *         .connectProcessorAndStateStores("cleanup", "documents");
 * }</pre>
 * Without names they clean up every VLog store of their task. A name that is no VLog store of the task is refused with
 * a {@link org.apache.kafka.streams.errors.StreamsException} when the task starts.
 */
public final class VLogCleanup {

    private VLogCleanup() {}

    /** For {@code Topology.addProcessor} and {@code KStream.process}. */
    public static <K, V> ProcessorSupplier<K, V, K, V> processor(String... storeNames) {
        Set<String> names = Set.of(storeNames);
        return () -> new CleanupProcessor<>(names);
    }

    /** For {@code KStream.processValues}. */
    public static <K, V> FixedKeyProcessorSupplier<K, V, V> fixedKeyProcessor(String... storeNames) {
        Set<String> names = Set.of(storeNames);
        return () -> new CleanupFixedKeyProcessor<>(names);
    }
}
