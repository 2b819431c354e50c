/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogConfig;
import org.apache.kafka.streams.state.TimestampedBytesStore;

/** A VLog store whose values carry a timestamp, as the marker interface tells Kafka Streams. */
final class VLogTimestampedKeyValueStore extends VLogKeyValueStore implements TimestampedBytesStore {

    VLogTimestampedKeyValueStore(String name, VLogConfig config) {
        super(name, ValueFormat.TIMESTAMPED, config);
    }
}
