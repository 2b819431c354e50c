/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.CleanupStatistics;
import io.vlogstreams.internal.cleanup.SpaceStatistics;
import io.vlogstreams.internal.vlog.VLogStatistics;

/**
 * The current state of a store, and its counters since it was opened.
 *
 * @param space the space of its VLog
 * @param vlog the statistics of the VLog
 * @param cleanup the statistics of the cleanup
 * @param stagedBytes the approximate memory of the staged writes
 * @param spills the number of spills
 * @param openScans the number of open scans that pin files
 * @param oldestScanNanos how long the oldest of them has been open
 */
public record StoreStatistics(
        SpaceStatistics space,
        VLogStatistics vlog,
        CleanupStatistics cleanup,
        long stagedBytes,
        long spills,
        int openScans,
        long oldestScanNanos) {

    /** All zero. */
    public static final StoreStatistics NONE =
            new StoreStatistics(SpaceStatistics.NONE, VLogStatistics.NONE, CleanupStatistics.NONE, 0, 0, 0, 0);
}
