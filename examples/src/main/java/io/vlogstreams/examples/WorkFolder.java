/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A temporary folder that is deleted by {@link #close()}, or when the program is interrupted, unless it is kept. */
final class WorkFolder implements AutoCloseable {
    private final Path path;
    private final boolean keep;
    private final Thread onExit;

    private WorkFolder(Path path, boolean keep) {
        this.path = path;
        this.keep = keep;
        this.onExit = new Thread(() -> delete(path), "delete-work-folder");
    }

    static WorkFolder create(boolean keep) {
        try {
            var folder =
                    new WorkFolder(Files.createTempDirectory("vlog-example-").toRealPath(), keep);
            if (!keep) {
                Runtime.getRuntime().addShutdownHook(folder.onExit);
            }
            return folder;
        } catch (IOException e) {
            throw new ExampleFailedException("no temporary folder", e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        if (keep) {
            return;
        }
        delete(path);
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // The JVM is shutting down and runs the hook itself.
        }
    }

    /** Deletes a folder with its content, as far as possible. */
    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (var paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException | UncheckedIOException e) {
            // Files that cannot be listed stay: the folder is temporary, and the program is ending.
        }
    }
}
