/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Adds up the calls of a store in one workload. The time of a workload is the time spent in these calls, commits and
 * cleanup included: making and checking values is not the store's work. One thread.
 */
final class Recorder {

    private static final double MEGA = 1e6;

    private final Histogram puts = histogram();
    private final Histogram gets = histogram();
    private long operations;
    private long bytesPut;
    private long bytesRead;
    private long bytesQueried;
    private long nanos;
    private long commitNanosMax;
    private long cleanupNanosMax;

    static Histogram histogram() {
        return new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
    }

    void put(long tookNanos, int bytes) {
        puts.recordValue(tookNanos);
        nanos += tookNanos;
        bytesPut += bytes;
    }

    void get(long tookNanos, int bytes) {
        gets.recordValue(tookNanos);
        nanos += tookNanos;
        bytesRead += bytes;
    }

    void commit(long tookNanos) {
        commitNanosMax = Math.max(commitNanosMax, tookNanos);
        nanos += tookNanos;
    }

    void cleanup(long tookNanos) {
        cleanupNanosMax = Math.max(cleanupNanosMax, tookNanos);
        nanos += tookNanos;
    }

    /** Reads that are not gets. */
    void scan(long tookNanos, long bytes) {
        nanos += tookNanos;
        bytesRead += bytes;
    }

    /** Writes that are not puts. */
    void restore(long tookNanos, long bytes) {
        nanos += tookNanos;
        bytesPut += bytes;
    }

    /** Counts what the workload calls an operation. */
    void operations(long count) {
        operations += count;
    }

    /** What other threads have read meanwhile: their time is not that of this one. */
    void queries(Histogram nanosOfOthers, long bytes) {
        gets.add(nanosOfOthers);
        bytesQueried += bytes;
    }

    long bytesPut() {
        return bytesPut;
    }

    /** All that was put and read, by whichever thread. */
    long bytes() {
        return bytesPut + bytesRead + bytesQueried;
    }

    void addTo(Map<Figure, Double> figures) {
        double seconds = nanos / 1e9;
        if (bytesPut + bytesRead > 0) {
            figures.put(Figure.MB_PER_SECOND, (bytesPut + bytesRead) / MEGA / seconds);
        }
        if (operations > 0) {
            figures.put(Figure.OPS_PER_SECOND, operations / seconds);
        }
        Percentiles.PUTS.addTo(figures, puts);
        Percentiles.GETS.addTo(figures, gets);
        if (commitNanosMax > 0) {
            figures.put(Figure.COMMIT_MAX_MILLIS, commitNanosMax / MEGA);
        }
        if (cleanupNanosMax > 0) {
            figures.put(Figure.CLEANUP_MAX_MILLIS, cleanupNanosMax / MEGA);
        }
    }
}
