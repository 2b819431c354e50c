/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.CleanupStatistics;
import io.vlogstreams.internal.cleanup.SpaceStatistics;
import io.vlogstreams.internal.vlog.VLogStatistics;

/**
 * What a store takes at one moment, and what was done since it was opened.
 *
 * @param space the space of its VLog
 * @param vlog what was done with the VLog
 * @param cleanup what the cleanup did
 * @param stagedBytes approximate memory of the staged writes
 * @param spills how often more was staged than memory allows
 * @param openScans scans that are open and hold files
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

    /** The statistics of no store. */
    public static final StoreStatistics NONE =
            new StoreStatistics(SpaceStatistics.NONE, VLogStatistics.NONE, CleanupStatistics.NONE, 0, 0, 0, 0);
}
