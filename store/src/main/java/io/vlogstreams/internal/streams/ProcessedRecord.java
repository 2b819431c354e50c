/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.query.Position;

/** Advances the position of a store to the record that its task is processing. */
final class ProcessedRecord {

    private ProcessedRecord() {}

    /** Adds the current record, if there is one, to the position. */
    static void advance(Position position, StateStoreContext context) {
        if (context.recordMetadata().isPresent()) {
            RecordMetadata metadata = context.recordMetadata().get();
            if (metadata.topic() != null) {
                position.withComponent(metadata.topic(), metadata.partition(), metadata.offset());
            }
        }
    }
}
