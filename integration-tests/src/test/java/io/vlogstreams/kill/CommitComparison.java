/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A comparison of our store and Kafka's with the same input, both transactional.
 *
 * @param valueBytes the size of a value
 * @param intervalMillis the commit interval
 * @param inputBytes the total size of all values that were put
 * @param ours the runs of our store
 * @param kafkas the runs of Kafka's store
 */
record CommitComparison(
        int valueBytes, int intervalMillis, double inputBytes, List<CommitFigures> ours, List<CommitFigures> kafkas) {

    private static final double MIB = 1 << 20;

    /** Returns a table of all comparisons, with medians. */
    static String markdown(List<CommitComparison> comparisons) {
        List<String> lines = new ArrayList<>();
        lines.add("| both transactional | VLog store | RocksDBStore | ours / Kafka's |");
        lines.add("|---|---|---|---|");
        comparisons.forEach(comparison -> lines.addAll(comparison.rows()));
        return String.join("\n", lines);
    }

    private List<String> rows() {
        return List.of(
                row("MB/s put", "%,.0f", run -> inputBytes / 1e6 / run.seconds()),
                row("commits of a store", "%,.0f", CommitFigures::commits),
                row("commit of a store, p50, ms", "%,.1f", CommitFigures::medianCommitMillis),
                row("commit of a store, p99, ms", "%,.1f", CommitFigures::p99CommitMillis),
                row("uncommitted at most, MiB", "%,.3f", run -> run.uncommitted() / MIB));
    }

    private String row(String what, String format, ToDoubleFunction<CommitFigures> figure) {
        return String.format(
                Locale.ROOT,
                "| %d KiB, commits every %,d ms: %s | " + format + " | " + format + " | %.3f |",
                valueBytes >> 10,
                intervalMillis,
                what,
                Median.of(ours, figure),
                Median.of(kafkas, figure),
                share(figure));
    }

    /** Returns the median of our store's figure divided by that of Kafka's. */
    double share(ToDoubleFunction<CommitFigures> figure) {
        return Median.of(ours, figure) / Median.of(kafkas, figure);
    }
}
