/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * What was done with a VLog since it was opened.
 *
 * @param appendedBytes the size of the records appended, without relocated ones
 * @param reads values asked for, cache hits included
 * @param cacheHits those of them that the cache had
 * @param checksumFailures records found not to be what their pointer, key or checksum says
 */
public record VLogStatistics(long appendedBytes, long reads, long cacheHits, long checksumFailures) {

    /** Nothing was done. */
    public static final VLogStatistics NONE = new VLogStatistics(0, 0, 0, 0);
}
