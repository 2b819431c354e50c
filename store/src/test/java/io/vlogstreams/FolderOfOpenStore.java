/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The folder of a store that is open. A copy of it is what a process leaves that is killed now, if nothing changes
 * while it is made; RocksDB flushes and compacts in the background, so a copy during which something did change is made
 * again.
 */
public final class FolderOfOpenStore {

    private static final int MAX_ATTEMPTS = 1000;

    private final Path folder;

    public FolderOfOpenStore(Path folder) {
        this.folder = folder;
    }

    /** Copies it, with everything below, to a folder that does not exist yet. */
    public void copyTo(Path copy) throws IOException {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            try {
                Map<Path, State> before = files();
                for (Path file : before.keySet()) {
                    copy(file, copy.resolve(folder.relativize(file).toString()));
                }
                if (files().equals(before)) {
                    return;
                }
            } catch (NoSuchFileException e) {
                // It went while the copy was made.
            } catch (UncheckedIOException e) {
                // So it did, in the middle of a walk.
                if (!(e.getCause() instanceof NoSuchFileException)) {
                    throw e;
                }
            }
            delete(copy);
        }
        throw new IOException(folder + " never stood still");
    }

    private static void copy(Path file, Path target) throws IOException {
        if (Files.isDirectory(file)) {
            Files.createDirectories(target);
        } else {
            Files.copy(file, target);
        }
    }

    /** The size too: the time may be the same for what is written in the same few milliseconds. */
    private record State(FileTime lastModified, long size) {}

    private Map<Path, State> files() throws IOException {
        Map<Path, State> files = new TreeMap<>();
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path file : found.toList()) {
                files.put(file, new State(Files.getLastModifiedTime(file), Files.size(file)));
            }
        }
        return files;
    }

    /** Deletes a folder with everything below; does nothing if there is none. */
    public static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
