/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * The parsed and checked command line.
 *
 * @param folders the folders whose files become documents; empty: the default folders
 * @param maxBytes the maximum total size of the files
 * @param maxRecordBytes files larger than this are skipped
 * @param bootstrapServers the user's own cluster; empty: an embedded broker
 * @param stateDir where Kafka Streams keeps its state; empty: a temporary folder
 * @param threads stream threads
 * @param keep keep topics and folders for inspection
 * @param help print the usage and exit
 */
record Arguments(
        List<Path> folders,
        long maxBytes,
        int maxRecordBytes,
        Optional<String> bootstrapServers,
        Optional<Path> stateDir,
        int threads,
        boolean keep,
        boolean help) {

    private static final long MIN_RECORD_BYTES = 1 << 10;

    /**
     * Half of the largest value that the store accepts. Each thread that sends or receives keeps a buffer outside of
     * the heap for its largest record, and with broker and clients in one process there are many such threads.
     */
    private static final long MAX_RECORD_BYTES = 32 << 20;

    private static final int MAX_THREADS = 16;

    static final String USAGE = """
            Sends the files of a folder through Kafka into a store that keeps large values in a value log,
            reads them back, changes some, loses the local state, restores it, and compares every SHA-256.
            Your files are only ever read.

              --folder DIR                take the files below DIR; may be given several times
                                          (default: this checkout and the local Maven repository)
              --max-bytes SIZE            stop after so many bytes of files (default 300m)
              --max-record-bytes SIZE     skip files larger than this, 1k to 32m (default 8m)
              --bootstrap-servers LIST    use this Kafka cluster (default: a broker inside this program);
                                          topics of its own are created there, and deleted at the end
              --state-dir DIR             keep the local state below DIR (default: a temporary folder)
              --threads N                 stream threads, 1 to 16 (default 2)
              --keep                      leave topics and folders behind for a look
              --help                      this text

            Sizes are bytes, or end in k, m or g.
            """;

    /**
     * Parses a command line.
     *
     * @throws IllegalArgumentException if an argument is invalid; the message says which one and why
     */
    static Arguments parse(String... args) {
        var parser = new Parser();
        Queue<String> words = new ArrayDeque<>(List.of(args));
        while (!words.isEmpty()) {
            parser.take(words.remove(), words);
        }
        return parser.result();
    }

    /** The values so far, starting with the defaults. */
    private static final class Parser {
        private final List<Path> folders = new ArrayList<>();
        private long maxBytes = 300L << 20;
        private int maxRecordBytes = 8 << 20;
        private Optional<String> bootstrapServers = Optional.empty();
        private Optional<Path> stateDir = Optional.empty();
        private int threads = 2;
        private boolean keep;
        private boolean help;

        void take(String option, Queue<String> rest) {
            switch (option) {
                case "--folder" -> folders.add(folder(option, value(option, rest)));
                case "--max-bytes" -> maxBytes = size(option, value(option, rest), 1, Long.MAX_VALUE);
                case "--max-record-bytes" ->
                    maxRecordBytes = (int) size(option, value(option, rest), MIN_RECORD_BYTES, MAX_RECORD_BYTES);
                case "--bootstrap-servers" -> bootstrapServers = Optional.of(value(option, rest));
                case "--state-dir" -> stateDir = Optional.of(Path.of(value(option, rest)));
                case "--threads" -> threads = threads(option, value(option, rest));
                case "--keep" -> keep = true;
                case "--help", "-h" -> help = true;
                default -> throw new IllegalArgumentException("Unknown argument '" + option + "'");
            }
        }

        Arguments result() {
            return new Arguments(
                    List.copyOf(folders), maxBytes, maxRecordBytes, bootstrapServers, stateDir, threads, keep, help);
        }

        private static String value(String option, Queue<String> rest) {
            var value = rest.poll();
            if (value == null || value.isBlank() || value.startsWith("--")) {
                throw new IllegalArgumentException(option + " needs a value");
            }
            return value;
        }

        private static Path folder(String option, String value) {
            var path = Path.of(value);
            if (!Files.isDirectory(path)) {
                throw new IllegalArgumentException(option + ": there is no folder '" + value + "'");
            }
            return path;
        }

        private static long size(String option, String value, long min, long max) {
            long bytes;
            try {
                bytes = ByteSize.parse(value);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
            }
            if (bytes < min || bytes > max) {
                throw new IllegalArgumentException(
                        option + ": '" + value + "' is not between " + min + " and " + max + " bytes");
            }
            return bytes;
        }

        private static int threads(String option, String value) {
            if (!value.matches("\\d{1,2}")) {
                throw new IllegalArgumentException(option + ": '" + value + "' is not a number of threads");
            }
            int threads = Integer.parseInt(value);
            if (threads < 1 || threads > MAX_THREADS) {
                throw new IllegalArgumentException(option + ": '" + value + "' is not between 1 and " + MAX_THREADS);
            }
            return threads;
        }
    }
}
