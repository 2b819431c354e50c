/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

/**
 * The space that the VLog of a store takes at one moment.
 *
 * @param files number of VLog files
 * @param totalBytes their size, with the reserve
 * @param liveBytes record bytes in them that the index refers to
 * @param pinnedBytes the size of the obsolete files that only readers keep
 * @param pins how many readers hold files
 */
public record SpaceStatistics(int files, long totalBytes, long liveBytes, long pinnedBytes, int pins) {

    /** The space of no store. */
    public static final SpaceStatistics NONE = new SpaceStatistics(0, 0, 0, 0, 0);

    /** What the index does not refer to: no more, or, of staged writes, not yet. */
    public long obsoleteBytes() {
        // The two were not read at the same moment.
        return Math.max(0, totalBytes - liveBytes);
    }

    /** Total divided by live bytes; not a number as long as nothing is live. */
    public double amplification() {
        return liveBytes > 0 ? (double) totalBytes / liveBytes : Double.NaN;
    }
}
