/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Storage} that is a directory of the real file system.
 *
 * <p>Thread-safe.
 */
public final class DirectoryStorage implements Storage {

    // Windows neither lets a directory be synced nor needs it.
    private static final boolean DIRECTORIES_CAN_BE_SYNCED =
            !System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

    private final Path directory;

    /** Directories in which {@link #create} made a directory whose name is not durable yet. */
    private final Deque<Path> parentsToSync = new ArrayDeque<>();

    public DirectoryStorage(Path directory) {
        this.directory = directory.toAbsolutePath();
    }

    @Override
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    @Override
    public StorageFile create(String name) throws IOException {
        createDirectory();
        return ChannelFile.create(directory.resolve(name));
    }

    @Override
    public StorageFile open(String name) throws IOException {
        return ChannelFile.open(directory.resolve(name));
    }

    @Override
    public void delete(String name) throws IOException {
        Files.delete(directory.resolve(name));
    }

    @Override
    public synchronized void sync() throws IOException {
        if (!Files.exists(directory)) {
            return; // nothing was ever created here, so there is no name to keep
        }
        sync(directory);
        for (Path parent = parentsToSync.peek(); parent != null; parent = parentsToSync.peek()) {
            sync(parent);
            parentsToSync.remove(); // only now: a sync that failed is still to be done
        }
    }

    /** 0 if there is no such directory, or if the file system does not say. */
    @Override
    public long usableBytes() {
        return directory.toFile().getUsableSpace();
    }

    @Override
    public String location() {
        return directory.toString();
    }

    @Override
    public String toString() {
        return location();
    }

    private synchronized void createDirectory() throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        List<Path> parents = new ArrayList<>();
        for (@Nullable Path missing = directory;
                missing != null && !Files.exists(missing);
                missing = missing.getParent()) {
            if (missing.getParent() != null) {
                parents.add(missing.getParent());
            }
        }
        Files.createDirectories(directory);
        parentsToSync.addAll(parents);
    }

    /** Goes through a {@link ChannelFile}, because an interrupt must not fail a sync: a failed one poisons the log. */
    private static void sync(Path directory) throws IOException {
        if (DIRECTORIES_CAN_BE_SYNCED) {
            try (ChannelFile entries = ChannelFile.openDirectory(directory)) {
                entries.sync();
            }
        }
    }
}
