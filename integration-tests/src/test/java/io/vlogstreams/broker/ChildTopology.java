/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import org.apache.kafka.streams.Topology;

/** The topologies that a {@link ChildApp} can run: those of {@link Topologies}, by name. */
enum ChildTopology {
    DOCUMENTS,
    COUNTS,
    GLOBAL_STORE,
    GLOBAL_TABLE;

    Topology on(String input) {
        return switch (this) {
            case DOCUMENTS -> Topologies.documents(input, StoreFormat.TIMESTAMPED);
            case COUNTS -> Topologies.counts(input);
            case GLOBAL_STORE -> Topologies.globalStore(input);
            case GLOBAL_TABLE -> Topologies.globalTable(input);
        };
    }
}
