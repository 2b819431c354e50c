/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.query.Position;

/** The record that a task is processing. */
final class ProcessedRecord {

    private ProcessedRecord() {}

    /** A store that is at the position now reflects the record, if there is one. */
    static void advance(Position position, StateStoreContext context) {
        if (context.recordMetadata().isPresent()) {
            RecordMetadata metadata = context.recordMetadata().get();
            if (metadata.topic() != null) {
                position.withComponent(metadata.topic(), metadata.partition(), metadata.offset());
            }
        }
    }
}
