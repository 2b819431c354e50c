/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The stores of all tasks of an application on the disk at one moment.
 *
 * @param vlogFiles the VLog files, each as {@code <task>/vlog/<store>/vlog/<id>.vlog}
 * @param vlogBytes their total size
 * @param indexBytes the total size of all other files, which are those of the index
 */
record StoreOnDisk(Set<Path> vlogFiles, long vlogBytes, long indexBytes) {

    /** Measures the files below {@code <state.dir>/<application.id>}. */
    static StoreOnDisk measure(Path applicationDir) {
        var visitor = new Visitor(applicationDir);
        try {
            Files.walkFileTree(applicationDir, visitor);
        } catch (IOException e) {
            throw new ExampleFailedException("cannot look into " + applicationDir, e);
        }
        return new StoreOnDisk(Set.copyOf(visitor.vlogFiles), visitor.vlogBytes, visitor.indexBytes);
    }

    long bytes() {
        return vlogBytes + indexBytes;
    }

    /** Returns how many of these VLog files are gone later. Ids are never reused. */
    long filesGoneIn(StoreOnDisk later) {
        return vlogFiles.stream()
                .filter(file -> !later.vlogFiles.contains(file))
                .count();
    }

    /** Visits the files. A running store may delete some meanwhile; those do not count. */
    private static final class Visitor extends SimpleFileVisitor<Path> {
        private final Path applicationDir;
        private final Set<Path> vlogFiles = new HashSet<>();
        private long vlogBytes;
        private long indexBytes;

        Visitor(Path applicationDir) {
            this.applicationDir = applicationDir;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            var relative = applicationDir.relativize(file);
            if (relative.toString().endsWith(".vlog")) {
                vlogFiles.add(relative);
                vlogBytes += attributes.size();
            } else if (relative.getNameCount() > 3 && relative.getName(1).endsWith("vlog")) {
                // <task>/vlog/<store>/...: all other files there belong to the index.
                indexBytes += attributes.size();
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException gone) {
            return FileVisitResult.CONTINUE;
        }
    }
}
