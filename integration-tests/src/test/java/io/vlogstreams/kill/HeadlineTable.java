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
 * What came out, as Markdown: medians side by side, and every round.
 *
 * @param ours the starts of our store after a kill
 * @param kafkas those of Kafka's, in the same order
 */
record HeadlineTable(List<ChildStart> ours, List<ChildStart> kafkas) {

    private static final double MIB = 1 << 20;

    String markdown() {
        List<String> lines = new ArrayList<>();
        lines.add("| after kill -9, median of " + ours.size() + " | VLog store | RocksDBStore | |");
        lines.add("|---|---|---|---|");
        lines.add(share("bytes read back from the changelog", "%,.2f MiB", start -> start.bytes() / MIB));
        lines.add(share("records read back", "%,.0f", ChildStart::records));
        lines.add(times("restore start to restore end", ChildStart::restoreMillis));
        lines.add(times("`start()` to RUNNING", ChildStart::startMillis));
        lines.add("");
        lines.add("| round | VLog store: records, MiB, restore s, running s | RocksDBStore: the same |");
        lines.add("|---|---|---|");
        for (int round = 0; round < ours.size(); round++) {
            lines.add("| " + (round + 1) + " | " + row(ours.get(round)) + " | " + row(kafkas.get(round)) + " |");
        }
        return String.join("\n", lines);
    }

    double medianBytesShare() {
        return median(ours, ChildStart::bytes) / median(kafkas, ChildStart::bytes);
    }

    private String share(String what, String format, ToDoubleFunction<ChildStart> figure) {
        double our = median(ours, figure);
        double their = median(kafkas, figure);
        return String.format(
                Locale.ROOT, "| %s | " + format + " | " + format + " | %.4f %% |", what, our, their, 100 * our / their);
    }

    private String times(String what, ToDoubleFunction<ChildStart> millis) {
        double our = median(ours, millis);
        double their = median(kafkas, millis);
        return String.format(
                Locale.ROOT,
                "| %s | %.2f s | %.2f s | %.0f times shorter |",
                what,
                our / 1000,
                their / 1000,
                their / our);
    }

    private static String row(ChildStart start) {
        return String.format(
                Locale.ROOT,
                "%,d, %,.2f, %.2f, %.2f",
                start.records(),
                start.bytes() / MIB,
                start.restoreMillis() / 1000,
                start.startMillis() / 1000);
    }

    private static double median(List<ChildStart> starts, ToDoubleFunction<ChildStart> figure) {
        double[] sorted = starts.stream().mapToDouble(figure).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
