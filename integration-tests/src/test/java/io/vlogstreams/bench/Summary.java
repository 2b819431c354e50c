/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.List;

/**
 * The repetitions of one figure.
 *
 * @param ratio the median divided by that of RocksDBStore; null if there is none
 */
record Summary(
        StoreKind store,
        String values,
        Workload workload,
        Figure figure,
        double median,
        double min,
        double max,
        Double ratio) {

    static Summary of(
            StoreKind store, String values, Workload workload, Figure figure, List<Double> repetitions, Double base) {
        double[] sorted =
                repetitions.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        Double ratio = base == null || base == 0 ? null : median / base;
        return new Summary(store, values, workload, figure, median, sorted[0], sorted[sorted.length - 1], ratio);
    }
}
