/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.concurrent.atomic.AtomicLong;

/** Counts what a cleanup does. One thread counts at a time; any thread reads. */
final class CleanupTally {

    private final AtomicLong relocatedRecords = new AtomicLong();
    private final AtomicLong relocatedBytes = new AtomicLong();
    private final AtomicLong deletedFiles = new AtomicLong();
    private final AtomicLong deletedBytes = new AtomicLong();
    private final AtomicLong slices = new AtomicLong();
    private final AtomicLong sliceNanos = new AtomicLong();
    private final AtomicLong longestSliceNanos = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();

    /** A record. */
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

    /** @param failing whether the last try of something failed */
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
