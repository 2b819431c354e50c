/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Storage} in a directory of the file system.
 *
 * <p>Thread-safe.
 */
public final class DirectoryStorage implements Storage {

    // Windows neither allows nor needs syncing a directory.
    private static final boolean DIRECTORIES_CAN_BE_SYNCED =
            !System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryStorage.class);

    /** File systems that put overwritten bytes in another place. */
    private static final Set<String> COPY_ON_WRITE = Set.of("bcachefs", "btrfs", "zfs");

    private final Path directory;
    private final DirectorySync directorySync;

    /** Directories in which {@link #create} created a directory whose name is not durable yet. */
    private final Deque<Path> parentsToSync = new ConcurrentLinkedDeque<>();

    /** Held for a sync of names. Creating a file does not take it, because it would wait for the disk. */
    private final ReentrantLock syncing = new ReentrantLock();

    public DirectoryStorage(Path directory) {
        this(directory, DirectoryStorage::syncDirectory);
    }

    DirectoryStorage(Path directory, DirectorySync directorySync) {
        this.directory = directory.toAbsolutePath();
        this.directorySync = directorySync;
    }

    /** Makes the names in a directory durable. */
    @FunctionalInterface
    interface DirectorySync {
        void sync(Path directory) throws IOException;
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

    /**
     * @throws ForeignFileException if it is not a regular file
     * @throws AccessDeniedException if this process may not read and write it
     */
    @Override
    public StorageFile open(String name) throws IOException {
        Path path = directory.resolve(name);
        BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isRegularFile()) {
            // Checked first: opening a pipe may block for ever.
            throw new ForeignFileException(path, found, "a regular file");
        }
        try {
            return ChannelFile.open(path);
        } catch (AccessDeniedException e) {
            AccessDeniedException clearer = new AccessDeniedException(
                    path.toString(),
                    null,
                    "this process may not read and write it; give it the owner and the rights that the other files have");
            clearer.initCause(e);
            throw clearer;
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Files.delete(directory.resolve(name));
    }

    /** Not where the number of a file's names cannot be found out, as on Windows: see {@link #recycle}. */
    @Override
    public boolean overwritesInPlace() {
        try {
            return directory.getFileSystem().supportedFileAttributeViews().contains("unix")
                    && !COPY_ON_WRITE.contains(Files.getFileStore(directory).type());
        } catch (IOException e) {
            LOG.debug("Cannot find out the file system of {}; no file is written over", directory, e);
            return false;
        }
    }

    /** A backup may consist of hard links, since a sealed file never changes: such a file is left alone. */
    @Override
    public @Nullable StorageFile recycle(String name, String newName) throws IOException {
        Path path = directory.resolve(name);
        boolean hasOneName =
                Integer.valueOf(1).equals(Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS));
        return hasOneName ? ChannelFile.rename(path, directory.resolve(newName)) : null;
    }

    @Override
    public void sync() throws IOException {
        syncing.lock();
        try {
            if (!Files.exists(directory)) {
                return; // nothing was ever created here, so there is no name to sync
            }
            directorySync.sync(directory);
            for (Path parent = parentsToSync.peek(); parent != null; parent = parentsToSync.peek()) {
                directorySync.sync(parent);
                parentsToSync.remove(); // only now: a failed sync has to be repeated
            }
        } finally {
            syncing.unlock();
        }
    }

    /** Returns 0 if there is no such directory, or if the file system does not report it. */
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

    /** The monitor serializes creations of the directory. It is never held while waiting for the disk. */
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

    /** Uses a {@link ChannelFile}, because an interrupt must not fail a sync: a failed sync poisons the log. */
    private static void syncDirectory(Path directory) throws IOException {
        if (DIRECTORIES_CAN_BE_SYNCED) {
            try (ChannelFile entries = ChannelFile.openDirectory(directory)) {
                entries.sync();
            }
        }
    }
}
