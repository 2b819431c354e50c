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
 * Processors that wake the cleanup of VLog stores. They forward every record unchanged, and their punctuator wakes the
 * cleanup of the stores every {@code vlog.cleanup.interval.ms}. The cleanup itself works on a background thread.
 * {@link VLogProcessorWrapper} does the same without a change of the topology.
 *
 * <p>Add one to the sub-topology of the stores. Connecting it to the stores ensures that:
 * <pre>{@code
 * stream.process(VLogCleanup.processor("documents"), "documents");                  // DSL
 * topology.addProcessor("cleanup", VLogCleanup.processor("documents"), "source")    // Processor API
 *         .connectProcessorAndStateStores("cleanup", "documents");
 * }</pre>
 * Without names they wake the cleanup of every VLog store of their task. If a name is not that of a VLog store of the
 * task, a {@link org.apache.kafka.streams.errors.StreamsException} is thrown when the task starts.
 */
public final class VLogCleanup {

    private VLogCleanup() {}

    /** Returns a processor supplier for {@code Topology.addProcessor} and {@code KStream.process}. */
    public static <K, V> ProcessorSupplier<K, V, K, V> processor(String... storeNames) {
        Set<String> names = Set.of(storeNames);
        return () -> new CleanupProcessor<>(names);
    }

    /** Returns a processor supplier for {@code KStream.processValues}. */
    public static <K, V> FixedKeyProcessorSupplier<K, V, V> fixedKeyProcessor(String... storeNames) {
        Set<String> names = Set.of(storeNames);
        return () -> new CleanupFixedKeyProcessor<>(names);
    }
}
