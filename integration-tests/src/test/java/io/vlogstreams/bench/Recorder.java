/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Adds up the calls of a store in one workload. The time of a workload is the time spent in these calls, including
 * commits and cleanup, but not the creation and checking of values. For one thread.
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

    /** Records reads other than gets. */
    void scan(long tookNanos, long bytes) {
        nanos += tookNanos;
        bytesRead += bytes;
    }

    /** Records writes other than puts. */
    void restore(long tookNanos, long bytes) {
        nanos += tookNanos;
        bytesPut += bytes;
    }

    /** Counts operations of the workload. */
    void operations(long count) {
        operations += count;
    }

    /** Records reads of other threads; their time does not count for this thread. */
    void queries(Histogram nanosOfOthers, long bytes) {
        gets.add(nanosOfOthers);
        bytesQueried += bytes;
    }

    long bytesPut() {
        return bytesPut;
    }

    /** Returns the size of all values that any thread put or read. */
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
