/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.vlog.VLogFileInfo;
import java.util.List;

/**
 * What a store takes at one moment.
 *
 * @param files number of VLog files
 * @param totalBytes their size
 * @param liveBytes record bytes in them that the index refers to
 * @param stagedBytes approximate memory of the staged writes
 * @param openScans scans that hold files
 * @param spills how often more was staged than memory allows, since the store was opened
 */
public record StoreStatistics(
        int files, long totalBytes, long liveBytes, long stagedBytes, int openScans, long spills) {

    /** The statistics of no store. */
    public static final StoreStatistics NONE = new StoreStatistics(0, 0, 0, 0, 0, 0);

    static StoreStatistics of(List<VLogFileInfo> files, long liveBytes, long stagedBytes, int openScans, long spills) {
        long totalBytes = files.stream().mapToLong(VLogFileInfo::bytes).sum();
        return new StoreStatistics(files.size(), totalBytes, liveBytes, stagedBytes, openScans, spills);
    }
}
