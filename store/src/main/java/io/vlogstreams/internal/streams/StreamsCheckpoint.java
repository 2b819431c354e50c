/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file {@code .checkpoint} of a task's folder, in which Kafka Streams 4.0 to 4.2 keeps the offsets of the task's
 * stores. Streams reads it after the stores' {@code init}, and under exactly-once deletes it then.
 *
 * <p>It is a text file:
 *
 * <table>
 * <caption>Lines</caption>
 * <tr><th>line</th><th>content</th></tr>
 * <tr><td>1</td><td>the version, 0</td></tr>
 * <tr><td>2</td><td>the number of entries</td></tr>
 * <tr><td>3 and on</td><td>topic, partition and offset, with a blank between</td></tr>
 * </table>
 *
 * <p>For one thread: the one that opens the stores of the task, which is also the one with which Streams accesses the
 * file.
 */
final class StreamsCheckpoint {

    private static final String VERSION = "0";
    private static final int HEADER_LINES = 2;

    private final File file;

    StreamsCheckpoint(File taskFolder) {
        file = new File(taskFolder, ".checkpoint");
    }

    /** Reads the offsets by topic and partition, separated by a blank; empty if there is no file. */
    Map<String, Long> read() throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file.toPath(), UTF_8);
        } catch (NoSuchFileException e) {
            return new TreeMap<>();
        }
        if (lines.size() < HEADER_LINES || !lines.get(0).equals(VERSION)) {
            throw malformed("line 1: expected version " + VERSION);
        }
        Map<String, Long> offsets = new TreeMap<>();
        for (String line : lines.subList(HEADER_LINES, lines.size())) {
            int end = line.lastIndexOf(' ');
            try {
                offsets.put(line.substring(0, Math.max(end, 0)), Long.parseLong(line.substring(end + 1)));
            } catch (NumberFormatException e) {
                throw malformed("expected topic, partition and offset, found \"" + line + "\"");
            }
        }
        return offsets;
    }

    private IOException malformed(String reason) {
        return new IOException("checkpoint file " + file + ", " + reason
                + "; delete the file while the application is stopped, and the task is restored from its changelogs");
    }

    /** Replaces the file atomically and durably, as Streams does. */
    void write(Map<String, Long> offsets) throws IOException {
        StringBuilder text = new StringBuilder(VERSION + "\n" + offsets.size() + "\n");
        offsets.forEach((partition, offset) ->
                text.append(partition).append(' ').append(offset).append('\n'));
        File next = new File(file.getPath() + ".tmp");
        try (FileOutputStream stream = new FileOutputStream(next)) {
            stream.write(text.toString().getBytes(UTF_8));
            stream.getFD().sync();
        }
        Files.move(next.toPath(), file.toPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
