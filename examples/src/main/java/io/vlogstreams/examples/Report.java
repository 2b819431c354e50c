/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Collects the results of all stages and prints them as a table. */
final class Report {
    private static final int DIFFERENCES_SHOWN = 20;

    private final List<Stage> stages = new ArrayList<>();
    private final List<String> differences = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    /**
     * A column of the table.
     *
     * @param title the name of the stage
     * @param result the answers of the stores
     * @param disk the stores on the disk
     */
    private record Stage(String title, Verification.Result result, StoreOnDisk disk) {}

    void stage(String title, Verification.Result result, StoreOnDisk disk) {
        stages.add(new Stage(title, result, disk));
        differences.addAll(result.differences());
    }

    /** Adds a line below the table. */
    void remark(String text) {
        remarks.add(text);
    }

    void difference(String text) {
        differences.add(text);
    }

    /** Prints the report; returns whether everything was as expected. */
    boolean print(PrintStream out) {
        out.println();
        row(out, "", Stage::title);
        row(out, "Documents", stage -> String.format(Locale.ROOT, "%,d", stage.result.documents()));
        row(out, "Bytes of documents", stage -> ByteSize.format(stage.result.bytes()));
        row(out, "VLog files", stage -> String.valueOf(stage.disk.vlogFiles().size()));
        row(out, "Bytes in VLog files", stage -> ByteSize.format(stage.disk.vlogBytes()));
        row(out, "Index size", stage -> ByteSize.format(stage.disk.indexBytes()));
        row(out, "Bytes on disk", stage -> ByteSize.format(stage.disk.bytes()));
        row(out, "Read by key", stage -> rate(stage.result.bytes(), stage.result.readTime()));
        out.println();
        remarks.forEach(out::println);
        return verdict(out);
    }

    private void row(PrintStream out, String name, Function<Stage, String> cell) {
        var line = new StringBuilder(String.format("%-22s", name));
        stages.forEach(stage -> line.append(String.format("%18s", cell.apply(stage))));
        out.println(line);
    }

    private boolean verdict(PrintStream out) {
        if (differences.isEmpty()) {
            long documents = stages.get(stages.size() - 1).result.documents();
            out.printf(Locale.ROOT, "All %,d documents equal%n", documents);
            return true;
        }
        out.println(differences.size() + " differences:");
        differences.stream().limit(DIFFERENCES_SHOWN).forEach(text -> out.println("  " + text));
        if (differences.size() > DIFFERENCES_SHOWN) {
            out.println("  and " + (differences.size() - DIFFERENCES_SHOWN) + " more");
        }
        return false;
    }

    /** Formats a rate in bytes per second. */
    static String rate(long bytes, Duration elapsed) {
        double seconds = Math.max(elapsed.toNanos(), 1) / 1e9;
        return ByteSize.format((long) (bytes / seconds)) + "/s";
    }

    static String seconds(Duration elapsed) {
        return String.format(Locale.ROOT, "%.1f s", elapsed.toNanos() / 1e9);
    }
}
