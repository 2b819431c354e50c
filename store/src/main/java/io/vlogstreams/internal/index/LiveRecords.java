/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

/**
 * Counters of the live records of one VLog file, those that the index names. Immutable and thread-safe.
 *
 * @param bytes their total size
 * @param fingerprints the sum of their fingerprints, which the layer above computes
 */
public record LiveRecords(long bytes, long fingerprints) {

    public static final LiveRecords NONE = new LiveRecords(0, 0);

    public LiveRecords plus(LiveRecords others) {
        return new LiveRecords(bytes + others.bytes, fingerprints + others.fingerprints);
    }
}
