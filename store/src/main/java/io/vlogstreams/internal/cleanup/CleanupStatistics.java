/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

/**
 * What a store's cleanup did since the store was opened, and what is on its way.
 *
 * @param relocatedRecords live records copied out of files that were to go
 * @param relocatedBytes their size
 * @param deletedFiles files deleted
 * @param deletedBytes their size
 * @param retiredBytes the size of files that no location names and that are not deleted yet
 * @param pinnedBytes the part of it that readers hold
 * @param slices how often it worked
 * @param sliceNanos how long in all
 * @param longestSliceNanos how long at most
 */
public record CleanupStatistics(
        long relocatedRecords,
        long relocatedBytes,
        long deletedFiles,
        long deletedBytes,
        long retiredBytes,
        long pinnedBytes,
        long slices,
        long sliceNanos,
        long longestSliceNanos) {

    /** Nothing was done and nothing is held. */
    public static final CleanupStatistics NONE = new CleanupStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0);
}
