/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** A workload with prepared input, so that nothing is prepared during the measurement. Used once. */
interface Step {

    /**
     * Runs the workload.
     *
     * @param recorder records the calls of the store
     * @param figures receives further figures
     */
    void run(TestedStore store, Recorder recorder, Map<Figure, Double> figures)
            throws IOException, InterruptedException, ExecutionException;

    /** Creates the step of a workload that uses the store in its current state. */
    static Step of(Workload workload, Input input, BenchmarkOptions options, ValueSizes sizes) {
        int keys = input.keys();
        int reads = Math.min(options.reads(sizes), 16 * keys);
        long salt = workload.name().hashCode();
        return switch (workload) {
            case LOAD -> new Writes(input.shuffled());
            case OVERWRITE_UNIFORM -> new Writes(input.uniform(options.overwrites() * keys, salt));
            case OVERWRITE_ZIPF -> new Writes(input.zipf(keys, salt));
            case READ_UNIFORM -> new Reads(input.uniform(reads, salt));
            case READ_ZIPF -> new Reads(input.zipf(reads, salt));
            case READ_MODIFY_WRITE -> new ReadModifyWrites(input.uniform(Math.min(reads, keys), salt));
            case SCAN -> new FullScan(FullScan.Part.ENTRIES);
            case SCAN_KEYS -> new FullScan(FullScan.Part.KEYS);
            case PREFIX_SCAN -> new PrefixScans(input.uniform(Math.max(1, reads / Input.KEYS_PER_PREFIX), salt));
            case QUERIES_DURING_WRITES ->
                new Queries(input.uniform(keys, salt), input.uniform(keys, salt << 8), input.uniform(keys, salt << 9));
            case RESTORE -> new Restore(input.shuffled(), input.uniform(keys / 2, salt));
            case OPEN_UNCLEAN -> new UncleanOpening(input.uniform(Math.min(keys, 500), salt));
            case OPEN_CLEAN -> new CleanOpening(input.uniform(Math.min(keys, 500), salt));
            case END_TO_END -> throw new IllegalArgumentException(workload + " is not about a store");
        };
    }
}
