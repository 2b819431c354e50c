/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The results as Markdown: medians side by side, and every round.
 *
 * @param starts the starts of each store after a kill, in the order of the rounds
 */
record HeadlineTable(Map<HeadlineStore, List<ChildStart>> starts) {

    private static final double MIB = 1 << 20;

    String markdown() {
        int rounds = starts.values().iterator().next().size();
        List<String> lines = new ArrayList<>();
        lines.add(line("after kill -9, median of " + rounds, store -> store.title));
        lines.add(line("---", store -> "---"));
        lines.add(medians("bytes read back from the changelog", "%,.2f MiB", start -> start.bytes() / MIB));
        lines.add(medians("records read back", "%,.0f", ChildStart::records));
        lines.add(medians("restore start to restore end", "%.2f s", start -> start.restoreMillis() / 1000));
        lines.add(medians("`start()` to RUNNING", "%.2f s", start -> start.startMillis() / 1000));
        lines.add("");
        lines.add(line("round: records, MiB, restore s, running s", store -> store.title));
        lines.add(line("---", store -> "---"));
        for (int round = 0; round < rounds; round++) {
            int each = round;
            lines.add(line("" + (round + 1), store -> row(starts.get(store).get(each))));
        }
        return String.join("\n", lines);
    }

    /** Returns the restored bytes of a store divided by those of another. */
    double bytesShare(HeadlineStore store, HeadlineStore other) {
        return median(store, ChildStart::bytes) / median(other, ChildStart::bytes);
    }

    private String medians(String what, String format, ToDoubleFunction<ChildStart> figure) {
        return line(what, store -> String.format(Locale.ROOT, format, median(store, figure)));
    }

    private String line(String what, Function<HeadlineStore, String> cell) {
        return starts.keySet().stream().map(cell).collect(Collectors.joining(" | ", "| " + what + " | ", " |"));
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

    private double median(HeadlineStore store, ToDoubleFunction<ChildStart> figure) {
        return Median.of(starts.get(store), figure);
    }
}
