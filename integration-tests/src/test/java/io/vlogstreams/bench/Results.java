/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All measurements and their summary, the content of the JSON file. Immutable. */
record Results(
        Conditions conditions,
        Map<String, String> options,
        List<String> failures,
        List<Summary> summaries,
        List<Measurement> measurements) {

    static Results of(
            Conditions conditions, Map<String, String> options, List<String> failures, List<Measurement> measurements) {
        return new Results(
                conditions, options, List.copyOf(failures), summaries(measurements), List.copyOf(measurements));
    }

    private static List<Summary> summaries(List<Measurement> measurements) {
        List<Summary> summaries = new ArrayList<>();
        for (String values : valuesOf(measurements)) {
            for (Workload workload : Workload.values()) {
                for (Figure figure : Figure.values()) {
                    Double base = null;
                    List<Double> ofRocksDb = repetitions(measurements, StoreKind.ROCKSDB, values, workload, figure);
                    if (!ofRocksDb.isEmpty()) {
                        base = Summary.of(StoreKind.ROCKSDB, values, workload, figure, ofRocksDb, null)
                                .median();
                    }
                    for (StoreKind store : StoreKind.values()) {
                        List<Double> repetitions = repetitions(measurements, store, values, workload, figure);
                        if (!repetitions.isEmpty()) {
                            summaries.add(Summary.of(store, values, workload, figure, repetitions, base));
                        }
                    }
                }
            }
        }
        return List.copyOf(summaries);
    }

    private static List<Double> repetitions(
            List<Measurement> measurements, StoreKind store, String values, Workload workload, Figure figure) {
        return measurements.stream()
                .filter(measurement -> measurement.store() == store
                        && measurement.values().equals(values)
                        && measurement.workload() == workload
                        && measurement.figures().containsKey(figure))
                .map(measurement -> measurement.figures().get(figure))
                .toList();
    }

    private static List<String> valuesOf(List<Measurement> measurements) {
        return measurements.stream().map(Measurement::values).distinct().toList();
    }

    /** Returns the sizes of values, as in the options. */
    List<String> values() {
        return valuesOf(measurements);
    }

    /** Returns the stores that were measured. */
    List<StoreKind> stores() {
        return measurements.stream().map(Measurement::store).distinct().sorted().toList();
    }

    Optional<Summary> summary(StoreKind store, String values, Workload workload, Figure figure) {
        return summaries.stream()
                .filter(summary -> summary.store() == store
                        && summary.values().equals(values)
                        && summary.workload() == workload
                        && summary.figure() == figure)
                .findFirst();
    }
}
