/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogConfig;
import org.apache.kafka.streams.state.HeadersBytesStore;

/** A VLog store whose values carry a timestamp and headers, as the marker interface tells Kafka Streams. */
final class VLogTimestampedKeyValueStoreWithHeaders extends VLogKeyValueStore implements HeadersBytesStore {

    VLogTimestampedKeyValueStoreWithHeaders(String name, VLogConfig config) {
        super(name, ValueFormat.HEADERS, config);
    }
}
