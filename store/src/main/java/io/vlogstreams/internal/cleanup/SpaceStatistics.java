/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

/**
 * The space of a store's VLog at one moment.
 *
 * @param files the number of VLog files
 * @param totalBytes their total size, including the reserve
 * @param liveBytes the bytes of the records that the index refers to
 * @param pinnedBytes the size of the obsolete files that only readers keep
 * @param pins the number of readers that hold files
 */
public record SpaceStatistics(int files, long totalBytes, long liveBytes, long pinnedBytes, int pins) {

    /** All zero. */
    public static final SpaceStatistics NONE = new SpaceStatistics(0, 0, 0, 0, 0);

    /** Returns the bytes that the index does not refer to: garbage, and staged writes. */
    public long obsoleteBytes() {
        // The two were read at different moments.
        return Math.max(0, totalBytes - liveBytes);
    }

    /** Returns the total divided by the live bytes; NaN as long as nothing is live. */
    public double amplification() {
        return liveBytes > 0 ? (double) totalBytes / liveBytes : Double.NaN;
    }
}
