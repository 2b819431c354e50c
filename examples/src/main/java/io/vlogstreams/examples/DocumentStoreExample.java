/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * A document store on Kafka Streams whose values live in a VLog. It sends the files of a folder, reads them back,
 * changes some, wipes the local state, restores it, and compares every SHA-256. {@code --help} lists the arguments.
 */
public final class DocumentStoreExample {
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int WRONG_ARGUMENTS = 2;

    private DocumentStoreExample() {}

    /** Runs the example; the exit code is 0 if all documents are equal, 1 if not, 2 for wrong arguments. */
    public static void main(String[] args) {
        int exitCode = run(System.out, System.err, args);
        if (exitCode != OK) {
            System.exit(exitCode);
        }
    }

    /** Like {@link #main}, but for use in another program; returns the exit code. */
    public static int run(PrintStream out, PrintStream err, String... args) {
        Arguments arguments;
        try {
            arguments = Arguments.parse(args);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            err.println("--help lists the arguments");
            return WRONG_ARGUMENTS;
        }
        if (arguments.help()) {
            out.print(Arguments.USAGE);
            return OK;
        }
        var folders = arguments.folders().isEmpty() ? DefaultFolders.find() : arguments.folders();
        if (folders.isEmpty()) {
            err.println("Neither a checkout nor a local Maven repository was found: choose a folder with --folder");
            return WRONG_ARGUMENTS;
        }
        try {
            return run(arguments, folders, out) ? OK : FAILED;
        } catch (ExampleFailedException e) {
            err.println("Failed: " + e.getMessage());
            return FAILED;
        }
    }

    private static boolean run(Arguments arguments, List<Path> folders, PrintStream out) {
        var applicationId = "vlog-documents-" + UUID.randomUUID().toString().substring(0, 8);
        var topic = applicationId + "-files";
        try (var work = WorkFolder.create(arguments.keep());
                var cluster = cluster(arguments, work.path())) {
            out.println("Kafka at " + cluster.bootstrapServers() + ", topics " + applicationId + "-*");
            var stateDir = stateDir(arguments, work.path());
            var files = new FileSource(
                    Set.of(work.path(), stateDir),
                    arguments.maxBytes(),
                    arguments.maxRecordBytes(),
                    line -> out.println("  " + line));
            cluster.createTopic(topic, DocumentRun.TASKS, arguments.maxRecordBytes());
            try {
                return new DocumentRun(arguments, cluster, applicationId, topic, stateDir, files, out).run(folders);
            } finally {
                tidyUp(arguments, cluster, applicationId, work.path(), stateDir, out);
            }
        }
    }

    private static Cluster cluster(Arguments arguments, Path workFolder) {
        return arguments
                .bootstrapServers()
                .map(Cluster::connect)
                .orElseGet(() -> Cluster.embedded(workFolder.resolve("kafka")));
    }

    private static Path stateDir(Arguments arguments, Path workFolder) {
        var stateDir = arguments.stateDir().orElse(workFolder.resolve("state"));
        try {
            return Files.createDirectories(stateDir).toRealPath();
        } catch (IOException e) {
            throw new ExampleFailedException("cannot use the state folder " + stateDir, e);
        }
    }

    /** Never throws: it must not hide why a run failed. */
    private static void tidyUp(
            Arguments arguments, Cluster cluster, String applicationId, Path work, Path stateDir, PrintStream out) {
        var state = stateDir.resolve(applicationId);
        if (arguments.keep()) {
            out.println("Kept: the state in " + state + ", the topics " + applicationId + "-*"
                    + (arguments.bootstrapServers().isPresent() ? "" : " (the broker's data are in " + work + ")"));
            return;
        }
        WorkFolder.delete(state);
        if (arguments.bootstrapServers().isPresent()) {
            try {
                cluster.deleteTopics(applicationId + "-");
            } catch (ExampleFailedException e) {
                out.println("Topics " + applicationId + "-* are left behind: " + e.getMessage());
            }
        }
    }
}
