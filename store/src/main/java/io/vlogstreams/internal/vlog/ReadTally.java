/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.util.concurrent.atomic.LongAdder;

/** Counts reads. Thread-safe; counting never waits, and a sum may miss concurrent counts. */
final class ReadTally {

    private final LongAdder reads = new LongAdder();
    private final LongAdder cacheHits = new LongAdder();
    private final LongAdder checksumFailures = new LongAdder();

    void read() {
        reads.increment();
    }

    void cacheHit() {
        cacheHits.increment();
    }

    void checksumFailure() {
        checksumFailures.increment();
    }

    VLogStatistics statistics(long appendedBytes) {
        return new VLogStatistics(appendedBytes, reads.sum(), cacheHits.sum(), checksumFailures.sum());
    }
}
