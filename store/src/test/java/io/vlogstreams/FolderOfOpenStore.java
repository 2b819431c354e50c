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
 * The folder of an open store. A copy of it is the state that a killed process leaves, if nothing changes during the
 * copy. RocksDB flushes and compacts in the background, so a copy is repeated if a file changed meanwhile.
 */
public final class FolderOfOpenStore {

    private static final int MAX_ATTEMPTS = 1000;

    private final Path folder;

    public FolderOfOpenStore(Path folder) {
        this.folder = folder;
    }

    /** Copies the folder with its content to a folder that does not exist yet. */
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
                // It was deleted during the copy.
            } catch (UncheckedIOException e) {
                // It was deleted during the walk.
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

    /** With the size, because writes within a few milliseconds may have the same time. */
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

    /** Deletes a folder with its content, if it exists. */
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
