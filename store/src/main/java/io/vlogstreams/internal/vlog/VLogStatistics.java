/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * The statistics of a VLog since it was opened.
 *
 * @param appendedBytes the size of the appended records, without relocated ones
 * @param reads the number of values read, including cache hits
 * @param cacheHits the number of reads that the cache answered
 * @param checksumFailures the number of reads that found a damaged record
 */
public record VLogStatistics(long appendedBytes, long reads, long cacheHits, long checksumFailures) {

    /** All zero. */
    public static final VLogStatistics NONE = new VLogStatistics(0, 0, 0, 0);
}
