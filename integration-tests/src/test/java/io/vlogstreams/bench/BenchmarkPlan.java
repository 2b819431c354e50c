/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The order of all runs. A repetition runs everything once; the stores take turns in being the first. */
final class BenchmarkPlan {

    private static final List<StoreKind> END_TO_END = List.of(StoreKind.VLOG, StoreKind.ROCKSDB);

    private BenchmarkPlan() {}

    static List<BenchmarkRun> of(BenchmarkOptions options) {
        List<BenchmarkRun> runs = new ArrayList<>();
        boolean stores = options.workloads().stream().anyMatch(Workload::isOfStores);
        boolean endToEnd = options.workloads().contains(Workload.END_TO_END);
        for (int repetition = 1; repetition <= options.repetitions(); repetition++) {
            List<StoreKind> order = new ArrayList<>(options.stores());
            Collections.rotate(order, 1 - repetition);
            if (stores) {
                for (String values : options.values()) {
                    for (StoreKind store : order) {
                        runs.add(new BenchmarkRun(BenchmarkRun.Part.STORE, store, values, repetition));
                    }
                }
            }
            order.retainAll(END_TO_END);
            if (endToEnd) {
                for (StoreKind store : order) {
                    runs.add(new BenchmarkRun(
                            BenchmarkRun.Part.END_TO_END, store, options.endToEndValues(), repetition));
                }
            }
        }
        return runs;
    }
}
