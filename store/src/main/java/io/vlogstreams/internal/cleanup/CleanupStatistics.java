/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

/**
 * What a store's cleanup did since the store was opened.
 *
 * @param relocatedRecords live records copied out of files that were to go
 * @param relocatedBytes their size
 * @param deletedFiles files deleted
 * @param deletedBytes their size
 * @param slices how often there was something to do
 * @param sliceNanos how long that took in all
 * @param longestSliceNanos how long at most
 * @param failures how often something of it failed
 * @param failing whether the last try of something failed, so that it is to be tried again
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

    /** Nothing was done. */
    public static final CleanupStatistics NONE = new CleanupStatistics(0, 0, 0, 0, 0, 0, 0, 0, false);

    /** How long a slice took on average; not a number before the first. */
    public double averageSliceNanos() {
        return slices == 0 ? Double.NaN : (double) sliceNanos / slices;
    }
}
