/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.utils.Utils;

/**
 * Runs all workloads on one store with values of one size, one after the other, after a warm-up on less data.
 *
 * @param folder the working folder; emptied in the end
 */
record StoreRun(StoreKind kind, String values, int repetition, Path folder, BenchmarkOptions options) {

    private static final double MIB = 1 << 20;
    private static final int WARM_UP_VALUE_BYTES_MAX = 1 << 10;

    List<Measurement> run() throws IOException, InterruptedException, ExecutionException {
        ValueSizes sizes = ValueSizes.ofOption(values);
        Input input = Input.of(sizes, options.keys(sizes), options.isHalfCompressible(), options.seed());
        try {
            ValueSizes smaller = sizes.atMost(WARM_UP_VALUE_BYTES_MAX);
            Input less = input.with(smaller, options.warmUpKeys());
            // Before the warm-up: native memory that a closed store has not freed counts for the store.
            ProcessBaseline baseline = ProcessBaseline.now();
            if (less.keys() > 0) {
                run(folder.resolve("warm-up"), less, smaller, baseline);
            }
            return run(folder.resolve("task"), input, sizes, baseline);
        } finally {
            Utils.delete(folder.toFile());
        }
    }

    private List<Measurement> run(Path taskFolder, Input input, ValueSizes sizes, ProcessBaseline baseline)
            throws IOException, InterruptedException, ExecutionException {
        List<Measurement> measurements = new ArrayList<>();
        try (TestedStore store = TestedStore.create(kind, taskFolder, input, options)) {
            for (Workload workload : Workload.values()) {
                if (kind.can(workload) && isNeeded(workload)) {
                    Map<Figure, Double> figures = measure(workload, store, sizes, baseline);
                    if (workload == Workload.OVERWRITE_UNIFORM) {
                        figures.put(Figure.HEAP_HELD_MIB, baseline.heldBytesBeyond() / MIB);
                    }
                    measurements.add(new Measurement(kind, values, repetition, workload, figures));
                }
            }
        }
        measurements.removeIf(measurement -> !options.workloads().contains(measurement.workload()));
        return measurements;
    }

    /** Returns whether the workload is needed; others need a store that was loaded and overwritten at random. */
    private boolean isNeeded(Workload workload) {
        return workload == Workload.LOAD
                || options.workloads().contains(workload)
                || (workload == Workload.OVERWRITE_UNIFORM
                        && options.workloads().stream().anyMatch(other -> other.compareTo(workload) > 0));
    }

    private Map<Figure, Double> measure(
            Workload workload, TestedStore store, ValueSizes sizes, ProcessBaseline baseline)
            throws IOException, InterruptedException, ExecutionException {
        Step step = Step.of(workload, store.input(), options, sizes);
        Recorder recorder = new Recorder();
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        Path watched = workload == Workload.RESTORE ? Restore.folder(store) : store.folder();
        try (ProcessWatch watch = new ProcessWatch(watched, baseline)) {
            step.run(store, recorder, figures);
            if (recorder.bytesPut() > 0 && workload != Workload.RESTORE) {
                store.settle();
            }
            watch.stop(figures, recorder.bytes(), recorder.bytesPut(), store.liveBytes());
        }
        recorder.addTo(figures);
        return figures;
    }
}
