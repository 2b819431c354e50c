/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.vlog.ForeignFileException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.apache.kafka.streams.errors.TopologyException;

/**
 * The folder of a store, below the folder of its task: {@code <task folder>/vlog/<store name>/}, with the index in
 * {@code index/} and the VLog in {@code vlog/}.
 *
 * <p>No part of it may be a link. Kafka Streams deletes the task's folder when it wipes a store, which would delete the
 * link and not the data, and anybody who can create a link there could have the store write to any file. Links above
 * the task's folder are up to the user.
 *
 * <p>Immutable.
 */
record StoreFolder(Path scope, Path root) {

    /**
     * @throws TopologyException if the name cannot be the name of a folder
     */
    static StoreFolder of(Path taskFolder, String storeName) {
        checkName(storeName);
        Path scope = taskFolder.resolve(VLogStoreSupplier.SCOPE);
        return new StoreFolder(scope, scope.resolve(storeName));
    }

    /**
     * @throws TopologyException if the name cannot be the name of a folder below the folder of the task
     */
    static void checkName(String storeName) {
        if (!isNameOfFolder(storeName)) {
            throw new TopologyException("the name of a store is the name of its folder, and '" + storeName
                    + "' cannot be one: use letters, digits, '.', '_' and '-'");
        }
    }

    private static boolean isNameOfFolder(String name) {
        boolean isPath =
                name.isEmpty() || name.equals(".") || name.equals("..") || name.contains("/") || name.contains("\\");
        try {
            return !isPath
                    && Path.of(name).getNameCount() == 1
                    && !Path.of(name).isAbsolute();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    Path index() {
        return root.resolve("index");
    }

    Path vlog() {
        return root.resolve("vlog");
    }

    /**
     * Checks that the folder holds nothing foreign. Files of the VLog are not checked here but when they are opened.
     *
     * @throws ForeignFileException if a folder is a link or a file, or if there is a link in the folder of the store or
     *     of the index
     */
    void check() throws IOException {
        for (Path folder : new Path[] {scope, root, index(), vlog()}) {
            checkIsFolder(folder);
        }
        checkHoldsNoLinks(root);
        // RocksDB would follow them.
        checkHoldsNoLinks(index());
    }

    private static void checkHoldsNoLinks(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                checkIsNoLink(file);
            }
        } catch (NoSuchFileException e) {
            return; // the store is new
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void checkIsFolder(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            BasicFileAttributes found = attributes(path);
            if (!found.isDirectory()) {
                throw new ForeignFileException(path, found, "a directory");
            }
        }
    }

    private static void checkIsNoLink(Path file) throws IOException {
        try {
            BasicFileAttributes found = attributes(file);
            if (found.isSymbolicLink() || found.isOther()) {
                throw new ForeignFileException(file, found, "a regular file");
            }
        } catch (NoSuchFileException e) {
            // It was deleted meanwhile, so RocksDB does not follow it.
        }
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }
}
