/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/** Wraps a processor and wakes the cleanup of the VLog stores that it is connected to. For the thread of its task. */
public final class CleaningFixedKeyProcessor<KIn, VIn, VOut> implements FixedKeyProcessor<KIn, VIn, VOut> {

    private final FixedKeyProcessor<KIn, VIn, VOut> processor;
    private CleanupSchedule cleanup = CleanupSchedule.NONE;

    public CleaningFixedKeyProcessor(FixedKeyProcessor<KIn, VIn, VOut> processor) {
        this.processor = processor;
    }

    @Override
    public void init(FixedKeyProcessorContext<KIn, VOut> context) {
        processor.init(context);
        cleanup = CleanupSchedule.ofConnected(context);
    }

    @Override
    public void process(FixedKeyRecord<KIn, VIn> record) {
        processor.process(record);
    }

    @Override
    public void close() {
        cleanup.end();
        processor.close();
    }
}
