/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Wraps a processor and wakes the cleanup of the VLog stores that it is connected to. For the thread of its task. */
public final class CleaningProcessor<KIn, VIn, KOut, VOut> implements Processor<KIn, VIn, KOut, VOut> {

    private final Processor<KIn, VIn, KOut, VOut> processor;
    private CleanupSchedule cleanup = CleanupSchedule.NONE;

    public CleaningProcessor(Processor<KIn, VIn, KOut, VOut> processor) {
        this.processor = processor;
    }

    @Override
    public void init(ProcessorContext<KOut, VOut> context) {
        processor.init(context);
        cleanup = CleanupSchedule.ofConnected(context);
    }

    @Override
    public void process(Record<KIn, VIn> record) {
        processor.process(record);
    }

    @Override
    public void close() {
        cleanup.end();
        processor.close();
    }
}
