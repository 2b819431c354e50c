/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The state folders of an application. */
final class StateFolders {

    /** A file that only a wipe removes. */
    private static final String MARKER = "here-before";

    private StateFolders() {}

    static Path task(Path stateFolder, String applicationId, String task) {
        return stateFolder.resolve(applicationId).resolve(task);
    }

    static Path store(Path taskFolder, String store) {
        return taskFolder.resolve("vlog").resolve(store);
    }

    /** Returns the VLog files of a store; empty if it has none yet. */
    static List<File> vlogFiles(Path storeFolder) {
        File[] files = storeFolder.resolve("vlog").toFile().listFiles((folder, name) -> name.endsWith(".vlog"));
        return files == null ? List.of() : Arrays.stream(files).sorted().toList();
    }

    static long vlogBytes(Path storeFolder) {
        return vlogFiles(storeFolder).stream().mapToLong(File::length).sum();
    }

    /** Marks the folder, so that {@link #isMarked} shows later whether it was wiped. */
    static void mark(Path storeFolder) {
        try {
            Files.writeString(storeFolder.resolve(MARKER), MARKER, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean isMarked(Path storeFolder) {
        return Files.exists(storeFolder.resolve(MARKER));
    }
}
