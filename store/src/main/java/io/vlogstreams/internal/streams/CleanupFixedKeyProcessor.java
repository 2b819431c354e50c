/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.Set;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/** Forwards records and has the punctuator of the cleanup. For the thread of its task. */
public final class CleanupFixedKeyProcessor<K, V> extends ContextualFixedKeyProcessor<K, V, V> {

    private final Set<String> storeNames;
    private CleanupSchedule cleanup = CleanupSchedule.NONE;

    public CleanupFixedKeyProcessor(Set<String> storeNames) {
        this.storeNames = storeNames;
    }

    @Override
    public void init(FixedKeyProcessorContext<K, V> context) {
        super.init(context);
        cleanup = CleanupSchedule.ofNamed(context, storeNames);
    }

    @Override
    public void process(FixedKeyRecord<K, V> record) {
        context().forward(record);
    }

    @Override
    public void close() {
        cleanup.end();
    }
}
