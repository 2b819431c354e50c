/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.concurrent.atomic.AtomicLong;

/** Counters of a cleanup. One thread at a time counts; any thread reads. */
final class CleanupTally {

    private final AtomicLong relocatedRecords = new AtomicLong();
    private final AtomicLong relocatedBytes = new AtomicLong();
    private final AtomicLong deletedFiles = new AtomicLong();
    private final AtomicLong deletedBytes = new AtomicLong();
    private final AtomicLong slices = new AtomicLong();
    private final AtomicLong sliceNanos = new AtomicLong();
    private final AtomicLong longestSliceNanos = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();

    /** Counts a relocated record. */
    void relocated(long bytes) {
        relocatedRecords.incrementAndGet();
        relocatedBytes.addAndGet(bytes);
    }

    void deleted(long bytes) {
        deletedFiles.incrementAndGet();
        deletedBytes.addAndGet(bytes);
    }

    void slice(long nanos) {
        slices.incrementAndGet();
        sliceNanos.addAndGet(nanos);
        longestSliceNanos.accumulateAndGet(nanos, Math::max);
    }

    void failed() {
        failures.incrementAndGet();
    }

    /** @param failing whether the last attempt of some work failed */
    CleanupStatistics statistics(boolean failing) {
        return new CleanupStatistics(
                relocatedRecords.get(),
                relocatedBytes.get(),
                deletedFiles.get(),
                deletedBytes.get(),
                slices.get(),
                sliceNanos.get(),
                longestSliceNanos.get(),
                failures.get(),
                failing);
    }
}
