/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads the files below some folders, one at a time in a fixed order, up to a total size.
 *
 * <p>Files are only read. Symbolic links are not followed, so that no file is read twice and no loop is endless. A file
 * that is too large or unreadable is skipped with a line that says so. Not thread-safe.
 */
final class FileSource {
    private final Set<Path> excluded;
    private final long maxBytes;
    private final int maxFileBytes;
    private final Consumer<String> skipped;

    private long bytes;
    private boolean full;

    /**
     * Creates a source.
     *
     * @param excluded folders that are not entered, because the example writes to them
     * @param maxBytes the maximum total size of the files
     * @param maxFileBytes a larger file is skipped
     * @param skipped receives a line for each file that is skipped
     */
    FileSource(Set<Path> excluded, long maxBytes, int maxFileBytes, Consumer<String> skipped) {
        this.excluded = excluded;
        this.maxBytes = maxBytes;
        this.maxFileBytes = maxFileBytes;
        this.skipped = skipped;
    }

    /** Receives the files; the path of a file is the key of its document. */
    interface Receiver {
        void receive(String key, byte[] content);
    }

    /** Passes the files below the folders to the receiver; only one of them is in memory at a time. */
    void forEach(List<Path> folders, Receiver receiver) {
        for (var folder : folders) {
            try {
                walk(folder.toRealPath(), receiver);
            } catch (IOException e) {
                skipped.accept("skipped " + folder + ": " + e);
            }
        }
    }

    /** Returns whether there were more files than the limit allows. */
    boolean full() {
        return full;
    }

    /** Returns the current content of a document's file; empty if it is gone, unreadable or over the limit by now. */
    Optional<byte[]> reread(String key) {
        try {
            return readUpToLimit(Path.of(key));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void walk(Path path, Receiver receiver) {
        if (full || excluded.contains(path)) {
            return;
        }
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            take(path, receiver);
        } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            for (var child : children(path)) {
                walk(child, receiver);
            }
        }
    }

    private List<Path> children(Path folder) {
        try (var children = Files.list(folder)) {
            return children.sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            skipped.accept("skipped " + folder + ": " + e);
            return List.of();
        }
    }

    private void take(Path file, Receiver receiver) {
        byte[] content;
        try {
            content = readUpToLimit(file).orElse(null);
            if (content == null) {
                skipped.accept("skipped " + file + ": " + ByteSize.format(Files.size(file))
                        + " is over the record limit of " + ByteSize.format(maxFileBytes)
                        + " (--max-record-bytes)");
                return;
            }
        } catch (IOException e) {
            skipped.accept("skipped " + file + ": " + e);
            return;
        }
        if (bytes + content.length > maxBytes) {
            full = true;
            return;
        }
        bytes += content.length;
        receiver.receive(file.toString(), content);
    }

    /** Reads one byte more than allowed, instead of trusting a size that may have changed. */
    private Optional<byte[]> readUpToLimit(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var content = in.readNBytes(maxFileBytes + 1);
            return content.length > maxFileBytes ? Optional.empty() : Optional.of(content);
        }
    }
}
