/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

/**
 * The statistics of a store's cleanup since the store was opened.
 *
 * @param relocatedRecords the number of relocated records
 * @param relocatedBytes their total size
 * @param deletedFiles the number of deleted files
 * @param deletedBytes their total size
 * @param slices the number of slices with work
 * @param sliceNanos their total time
 * @param longestSliceNanos the longest time of a slice
 * @param failures the number of failures
 * @param failing whether the last attempt of some work failed, so that it will be retried
 */
public record CleanupStatistics(
        long relocatedRecords,
        long relocatedBytes,
        long deletedFiles,
        long deletedBytes,
        long slices,
        long sliceNanos,
        long longestSliceNanos,
        long failures,
        boolean failing) {

    /** All zero. */
    public static final CleanupStatistics NONE = new CleanupStatistics(0, 0, 0, 0, 0, 0, 0, 0, false);

    /** Returns the average time of a slice; NaN before the first. */
    public double averageSliceNanos() {
        return slices == 0 ? Double.NaN : (double) sliceNanos / slices;
    }
}
