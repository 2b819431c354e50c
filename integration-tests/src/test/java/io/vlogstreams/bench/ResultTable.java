/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Prints results as Markdown: a table per size of values, a row per figure, a column per store. */
record ResultTable(Results results) {

    private static final Set<Figure> SHORT = EnumSet.of(Figure.PUT_P999_MICROS, Figure.GET_P999_MICROS);

    private static final Set<Figure> SHORT_OF_OVERWRITE = EnumSet.of(
            Figure.CPU_SECONDS_PER_GB,
            Figure.PUT_MAX_MICROS,
            Figure.PROCESS_WRITES_PER_BYTE,
            Figure.DISK_WRITES_PER_BYTE,
            Figure.SPACE_END,
            Figure.SPACE_PEAK,
            Figure.HEAP_HELD_MIB,
            Figure.NATIVE_PEAK_MIB,
            Figure.OPEN_FILES_PEAK);

    /** Returns the main figures, medians only. */
    String brief() {
        return markdown(true);
    }

    /** Returns every figure, with the minimum and the maximum of the repetitions. */
    String complete() {
        return markdown(false);
    }

    private String markdown(boolean brief) {
        List<String> lines = new ArrayList<>();
        lines.add(results.conditions().line() + ".");
        lines.add("Options: "
                + results.options().entrySet().stream()
                        .sorted(java.util.Map.Entry.comparingByKey())
                        .map(option -> option.getKey() + "=" + option.getValue())
                        .collect(Collectors.joining(" "))
                + ".");
        if (results.measurements().stream().anyMatch(one -> one.workload() == Workload.SCAN_KEYS)) {
            lines.add("");
            lines.add(Workload.SCAN_KEYS.option() + ": " + scanners()
                    + " through VLogKeysQuery, which reads no value; the"
                    + " others through KeyValueIterator, which has no way to the next key but through its value.");
        }
        for (String values : results.values()) {
            addTable(lines, values, brief);
        }
        if (!results.failures().isEmpty()) {
            lines.add("");
            lines.add("Failed, and not in the tables:");
            results.failures().forEach(failure -> lines.add("- " + failure));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String scanners() {
        return Stream.of(StoreKind.values())
                .filter(StoreKind::hasKeysQuery)
                .map(StoreKind::label)
                .collect(Collectors.joining(", "));
    }

    private void addTable(List<String> lines, String values, boolean brief) {
        List<StoreKind> stores = results.stores();
        lines.add("");
        lines.add("### Values: " + values);
        lines.add("");
        lines.add("| | " + stores.stream().map(StoreKind::label).collect(Collectors.joining(" | ")) + " |");
        lines.add("|---|" + "---|".repeat(stores.size()));
        for (Workload workload : Workload.values()) {
            for (Figure figure : Figure.values()) {
                if (!brief || isBrief(workload, figure)) {
                    addRow(lines, values, workload, figure, brief);
                }
            }
        }
    }

    private static boolean isBrief(Workload workload, Figure figure) {
        return figure == workload.mainFigure()
                || (SHORT.contains(figure) && workload != Workload.OVERWRITE_ZIPF)
                || (workload == Workload.OVERWRITE_UNIFORM && SHORT_OF_OVERWRITE.contains(figure))
                || (workload == Workload.END_TO_END && figure.name().startsWith("LATENCY"));
    }

    private void addRow(List<String> lines, String values, Workload workload, Figure figure, boolean brief) {
        List<Optional<Summary>> cells = results.stores().stream()
                .map(store -> results.summary(store, values, workload, figure))
                .toList();
        if (cells.stream().anyMatch(Optional::isPresent)) {
            lines.add("| " + workload.option() + " " + figure.label() + " | "
                    + cells.stream()
                            .map(cell ->
                                    cell.map(summary -> text(summary, brief)).orElse("-"))
                            .collect(Collectors.joining(" | "))
                    + " |");
        }
    }

    private static String text(Summary summary, boolean brief) {
        String text = number(summary.median());
        if (!brief) {
            text += " (" + number(summary.min()) + " to " + number(summary.max()) + ")";
        }
        if (summary.store() != StoreKind.ROCKSDB && Objects.nonNull(summary.ratio())) {
            text += String.format(Locale.ROOT, " **%.2f**", summary.ratio());
        }
        return text;
    }

    /** Formats a number with three digits; repetitions agree in fewer. */
    private static String number(double value) {
        if (value == 0 || Math.abs(value) >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }
}
