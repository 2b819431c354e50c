/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The interface to the file system: the directory {@code vlog/} of one store. Names are plain file names, without a
 * folder.
 *
 * <p>Creations, writes and deletions are visible immediately, but survive a power failure only after a sync:
 * {@link StorageFile#sync()} for bytes and length, {@link #sync()} for names.
 *
 * <p>Implementations are thread-safe.
 */
public interface Storage {

    /** Returns the names in the directory in no particular order; none if the directory does not exist. */
    List<String> list() throws IOException;

    /**
     * Creates an empty file, and the directory if needed.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is a file of that name
     */
    StorageFile create(String name) throws IOException;

    /**
     * Opens an existing file for reading and writing.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    StorageFile open(String name) throws IOException;

    /**
     * Deletes a file. Threads that have it open can continue to read it.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     * @throws IOException if it cannot be deleted
     */
    void delete(String name) throws IOException;

    /** Whether a file of this storage that is written over keeps its place, so that this is cheaper than a new file. */
    boolean overwritesInPlace();

    /**
     * Takes a file for a new one: renames it, in one step, and opens it. It still has its bytes, to be written over.
     *
     * @return null, and nothing has happened, if the file has other names by which somebody may want its bytes
     * @throws java.nio.file.NoSuchFileException if there is none
     * @throws java.nio.file.FileAlreadyExistsException if there is a file of the new name
     */
    @Nullable
    StorageFile recycle(String name, String newName) throws IOException;

    /** Makes all creations, deletions and new names so far durable. */
    void sync() throws IOException;

    /** Returns the free space of the disk, as far as it is known; other writers may use it at any time. */
    long usableBytes();

    /** Returns the path, for messages. */
    String location();
}
