/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import io.vlogstreams.examples.SentDocuments.Document;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The steps of the document store example, one after another on one thread. */
final class DocumentRun {
    /** The number of tasks, and of partitions of the input topic. */
    static final int TASKS = 2;

    private static final double CHANGED_SHARE = 0.4;
    private static final int DELETE_EVERY = 3;
    private static final byte[] CHANGE = "changed by the example\n".getBytes(StandardCharsets.UTF_8);
    private static final Duration CLEANUP_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CLEANUP_QUIET = Duration.ofSeconds(3);

    private final Arguments arguments;
    private final String bootstrapServers;
    private final String applicationId;
    private final String topic;
    private final Path stateDir;
    private final FileSource files;
    private final InputProgress input;
    private final PrintStream out;
    private final SentDocuments sent = new SentDocuments();
    private final Report report = new Report();

    /**
     * Prepares a run.
     *
     * @param topic an existing topic that nothing else uses
     */
    DocumentRun(
            Arguments arguments,
            Cluster cluster,
            String applicationId,
            String topic,
            Path stateDir,
            FileSource files,
            PrintStream out) {
        this.arguments = arguments;
        this.bootstrapServers = cluster.bootstrapServers();
        this.applicationId = applicationId;
        this.topic = topic;
        this.stateDir = stateDir;
        this.files = files;
        this.input = new InputProgress(cluster, applicationId, topic);
        this.out = out;
    }

    /** Runs all steps; returns whether every document is as expected. */
    boolean run(List<Path> folders) {
        try (var streams = streams()) {
            streams.start();
            try (var producer = new DocumentProducer(bootstrapServers, topic, arguments.maxRecordBytes(), sent)) {
                send(folders, streams, producer);
                compare("sent", streams);
                change(streams, producer);
            }
            compare("changed", streams);
        }
        restore();
        return report.print(out);
    }

    private DocumentStreams streams() {
        return new DocumentStreams(
                DocumentTopology.build(topic, arguments.maxRecordBytes()),
                DocumentStreams.config(
                        applicationId, bootstrapServers, stateDir, arguments.threads(), arguments.maxRecordBytes()));
    }

    private void send(List<Path> folders, DocumentStreams streams, DocumentProducer producer) {
        step("Sending the files of " + folders);
        var progress = new ProgressLine(out);
        files.forEach(folders, (key, content) -> {
            producer.put(key, content);
            streams.checkAlive();
            progress.tick(this::progressText);
        });
        producer.flush();
        if (sent.all().isEmpty()) {
            throw new ExampleFailedException("there is no file to take in " + folders);
        }
        input.awaitAll(streams, progress, this::progressText);
        out.println("  " + sentText() + " sent and processed");
        if (files.full()) {
            out.println("  there are more files; --max-bytes takes more than " + ByteSize.format(arguments.maxBytes()));
        }
    }

    /**
     * Sends new versions of the oldest documents. A VLog is written in the order of arrival, so whole VLog files become
     * obsolete.
     */
    private void change(DocumentStreams streams, DocumentProducer producer) {
        step("Changing and deleting documents (in the store; your files are only read)");
        var before = onDisk();
        var oldest = oldest((long) (sent.liveBytes() * CHANGED_SHARE));
        var progress = new ProgressLine(out);
        int count = 0;
        long obsoleteBytes = 0;
        for (var entry : oldest) {
            obsoleteBytes += entry.getValue().bytes();
            var content = files.reread(entry.getKey());
            if (++count % DELETE_EVERY == 2 || content.isEmpty()) {
                producer.delete(entry.getKey());
            } else {
                producer.put(entry.getKey(), changed(content.get()));
            }
            progress.tick(this::progressText);
        }
        producer.flush();
        input.awaitAll(streams, progress, this::progressText);
        long deleted = sent.all().size() - sent.liveCount();
        out.printf(Locale.ROOT, "  %,d documents changed, %,d deleted%n", oldest.size() - deleted, deleted);
        awaitCleanup(streams, before, obsoleteBytes);
    }

    /** Returns the oldest documents up to this total size, and at least two: one to change and one to delete. */
    private List<Map.Entry<String, Document>> oldest(long bytes) {
        var oldest = new ArrayList<Map.Entry<String, Document>>();
        long taken = 0;
        for (var entry : sent.all().entrySet()) {
            if (taken >= bytes && oldest.size() >= 2) {
                break;
            }
            oldest.add(Map.entry(entry.getKey(), entry.getValue()));
            taken += entry.getValue().bytes();
        }
        return oldest;
    }

    private static byte[] changed(byte[] content) {
        var changed = Arrays.copyOf(content, content.length + CHANGE.length);
        System.arraycopy(CHANGE, 0, changed, content.length, CHANGE.length);
        return changed;
    }

    /** Waits until VLog files were deleted and no further ones are being deleted. */
    private void awaitCleanup(DocumentStreams streams, StoreOnDisk before, long obsoleteBytes) {
        long start = System.nanoTime();
        long lastChange = start;
        long gone = 0;
        boolean expected = obsoleteBytes > 3L * TASKS * DocumentTopology.VLOG_FILE_BYTES;
        while (System.nanoTime() - lastChange < (expected && gone == 0 ? CLEANUP_TIMEOUT : CLEANUP_QUIET).toNanos()) {
            streams.checkAlive();
            long now = before.filesGoneIn(onDisk());
            if (now != gone) {
                gone = now;
                lastChange = System.nanoTime();
            }
            Patience.pause();
        }
        var text = String.format(
                Locale.ROOT,
                "%d of %d VLog files had only obsolete documents and are gone",
                gone,
                before.vlogFiles().size());
        out.println("  " + text);
        report.remark(text);
        if (expected && gone == 0) {
            report.difference(ByteSize.format(obsoleteBytes) + " became obsolete, but no VLog file went within "
                    + CLEANUP_TIMEOUT.toSeconds() + " s");
        }
    }

    private void restore() {
        step("Deleting the local state, restoring it from the changelog");
        try (var streams = streams()) {
            streams.deleteLocalState();
            long start = System.nanoTime();
            streams.start();
            var running = Duration.ofNanos(System.nanoTime() - start);
            var clock = streams.restoreClock();
            long bytes = streams.restoredBytes();
            var text = String.format(
                    Locale.ROOT,
                    "Restore time %s: %,d records, %s from the changelog, %s; running %s after the start",
                    Report.seconds(clock.elapsed()),
                    clock.records(),
                    ByteSize.format(bytes),
                    Report.rate(bytes, clock.elapsed()),
                    Report.seconds(running));
            out.println("  " + text);
            report.remark(text);
            compare("restored", streams);
        }
    }

    private void compare(String stage, DocumentStreams streams) {
        step("Reading every document back by interactive queries, comparing SHA-256");
        var verification = new Verification(streams, sent, files);
        var prefixText = verification.largestFolder();
        var result = verification.everything(new ProgressLine(out));
        out.printf(
                Locale.ROOT,
                "  %,d documents, %s: %s%n",
                result.documents(),
                ByteSize.format(result.bytes()),
                result.differences().isEmpty()
                        ? "all equal"
                        : result.differences().size() + " differences");
        if (result.changedOnDisk() > 0) {
            out.printf("  %,d files changed on disk meanwhile: compared to what was sent%n", result.changedOnDisk());
        }
        out.println("  prefix query: " + prefixText);
        report.stage(stage, result, onDisk());
    }

    private StoreOnDisk onDisk() {
        return StoreOnDisk.measure(stateDir.resolve(applicationId));
    }

    private String sentText() {
        return String.format(Locale.ROOT, "%,d documents, %s", sent.all().size(), ByteSize.format(sent.bytesSent()));
    }

    private String progressText() {
        return sentText() + " sent; " + input.text();
    }

    private void step(String text) {
        out.println();
        out.println(text);
    }
}
