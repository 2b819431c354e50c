/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Prints the progress, at most about once a second. Not thread-safe. */
final class ProgressLine {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final PrintStream out;
    private final long startNanos = System.nanoTime();
    private long printedNanos = startNanos;

    ProgressLine(PrintStream out) {
        this.out = out;
    }

    void tick(Supplier<String> text) {
        long now = System.nanoTime();
        if (now - printedNanos >= INTERVAL_NANOS) {
            printedNanos = now;
            out.printf("  %4d s  %s%n", TimeUnit.NANOSECONDS.toSeconds(now - startNanos), text.get());
        }
    }
}
