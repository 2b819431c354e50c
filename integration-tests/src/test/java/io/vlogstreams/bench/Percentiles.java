/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * The figures that describe a histogram of nanoseconds. Immutable.
 *
 * @param nanosPerUnit the unit of the figures
 */
record Percentiles(Figure p50, Figure p99, Figure p999, Figure max, double nanosPerUnit) {

    static final Percentiles PUTS = new Percentiles(
            Figure.PUT_P50_MICROS, Figure.PUT_P99_MICROS, Figure.PUT_P999_MICROS, Figure.PUT_MAX_MICROS, 1e3);

    static final Percentiles GETS = new Percentiles(
            Figure.GET_P50_MICROS, Figure.GET_P99_MICROS, Figure.GET_P999_MICROS, Figure.GET_MAX_MICROS, 1e3);

    static final Percentiles LATENCIES = new Percentiles(
            Figure.LATENCY_P50_MILLIS,
            Figure.LATENCY_P99_MILLIS,
            Figure.LATENCY_P999_MILLIS,
            Figure.LATENCY_MAX_MILLIS,
            1e6);

    void addTo(Map<Figure, Double> figures, Histogram nanos) {
        if (nanos.getTotalCount() > 0) {
            figures.put(p50, nanos.getValueAtPercentile(50) / nanosPerUnit);
            figures.put(p99, nanos.getValueAtPercentile(99) / nanosPerUnit);
            figures.put(p999, nanos.getValueAtPercentile(99.9) / nanosPerUnit);
            figures.put(max, nanos.getMaxValue() / nanosPerUnit);
        }
    }
}
