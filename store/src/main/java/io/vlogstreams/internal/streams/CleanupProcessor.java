/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.Set;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Forwards records and has the punctuator of the cleanup. For the thread of its task. */
public final class CleanupProcessor<K, V> extends ContextualProcessor<K, V, K, V> {

    private final Set<String> storeNames;
    private CleanupSchedule cleanup = CleanupSchedule.NONE;

    public CleanupProcessor(Set<String> storeNames) {
        this.storeNames = storeNames;
    }

    @Override
    public void init(ProcessorContext<K, V> context) {
        super.init(context);
        cleanup = CleanupSchedule.ofNamed(context, storeNames);
    }

    @Override
    public void process(Record<K, V> record) {
        context().forward(record);
    }

    @Override
    public void close() {
        cleanup.end();
    }
}
