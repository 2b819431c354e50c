/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/** The progress of an application with its input topic. Not thread-safe. */
final class InputProgress {
    private static final Duration STALLED = Duration.ofMinutes(1);

    private final Cluster cluster;
    private final String applicationId;
    private final String topic;

    InputProgress(Cluster cluster, String applicationId, String topic) {
        this.cluster = cluster;
        this.applicationId = applicationId;
        this.topic = topic;
    }

    /** Describes the progress. Asks the cluster, which takes a few milliseconds. */
    String text() {
        var progress = cluster.progress(applicationId, topic);
        return String.format(Locale.ROOT, "%,d of %,d records processed", progress.processed(), progress.sent());
    }

    /**
     * Waits until all records that were sent are processed and committed, however long it takes.
     *
     * @throws ExampleFailedException if the application stops, or processes nothing for a minute
     */
    void awaitAll(DocumentStreams streams, ProgressLine line, Supplier<String> text) {
        long processed = -1;
        long lastChange = System.nanoTime();
        while (true) {
            streams.checkAlive();
            var progress = cluster.progress(applicationId, topic);
            if (progress.complete()) {
                return;
            }
            if (progress.processed() != processed) {
                processed = progress.processed();
                lastChange = System.nanoTime();
            } else if (System.nanoTime() - lastChange > STALLED.toNanos()) {
                throw new ExampleFailedException("no record was processed for " + STALLED.toSeconds() + " s: "
                        + progress.processed() + " of " + progress.sent() + " are done");
            }
            line.tick(text);
            Patience.pause();
        }
    }
}
