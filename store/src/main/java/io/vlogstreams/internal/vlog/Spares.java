/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deleted files that are recycled as new ones. A file that is overwritten already has its blocks and its pages, and a
 * sync of it changes no metadata of the file system. So the log creates and deletes few files.
 *
 * <p>A spare keeps its name until it is used. After a crash it is a sealed file without live bytes, like any file that
 * was not deleted in time.
 *
 * <p>Thread-safe.
 */
final class Spares {

    private static final Logger LOG = LoggerFactory.getLogger(Spares.class);

    /** More would not be used: about this many files are deleted per sync, and created until the next. */
    private static final int MAX_FILES = 3;

    private final Storage storage;
    private final int divisor;

    /** The spares that no reader has open. */
    private final Deque<Spare> spares = new ArrayDeque<>();

    /** The number of spares, including those that wait for a reader. */
    private int files;

    /** The total size of all of them; written under this monitor. */
    private volatile long bytes;

    private @Nullable Boolean inPlace;

    private record Spare(long fileId, long bytes) {}

    /**
     * @param divisor the spares take at most this part of the log; 0 disables them
     */
    Spares(Storage storage, int divisor) {
        this.storage = storage;
        this.divisor = divisor;
    }

    /** Returns their total size. Any thread, at no cost. */
    long bytes() {
        return bytes;
    }

    /**
     * Returns whether to keep a file as a spare; if so, {@link #add} must follow.
     *
     * @param logBytes the size of the log without the file
     */
    synchronized boolean wants(VLogFile file, long logBytes) {
        if (divisor == 0 || files >= MAX_FILES || bytes + file.length() > logBytes / divisor || !isInPlace()) {
            return false;
        }
        files++;
        bytes += file.length();
        return true;
    }

    private boolean isInPlace() {
        Boolean known = inPlace;
        if (known == null) {
            known = storage.overwritesInPlace();
            inPlace = known;
        }
        return known;
    }

    /** Adds a file that no reader has open any more. */
    synchronized void add(VLogFile file) {
        spares.add(new Spare(file.fileId(), file.length()));
    }

    /**
     * Turns a spare into a new file.
     *
     * @return null if there is no usable spare
     * @throws FileAlreadyExistsException if there is a file of that name
     */
    @Nullable
    StorageFile use(String name) throws FileAlreadyExistsException {
        for (Spare spare = take(); spare != null; spare = take()) {
            try {
                StorageFile recycled = storage.recycle(FileName.of(spare.fileId), name);
                if (recycled != null) {
                    return recycled;
                }
            } catch (FileAlreadyExistsException e) {
                delete(spare);
                throw e;
            } catch (IOException e) {
                LOG.debug("VLog file {} in {} cannot be written over", spare.fileId, storage.location(), e);
            }
            delete(spare);
        }
        return null;
    }

    /** Deletes spares that exceed the limit for a log of this size. */
    void trim(long logBytes) {
        while (divisor != 0 && bytes > logBytes / divisor) {
            Spare spare = take();
            if (spare == null) {
                return;
            }
            delete(spare);
        }
    }

    private synchronized @Nullable Spare take() {
        Spare spare = spares.poll();
        if (spare != null) {
            files--;
            bytes -= spare.bytes;
        }
        return spare;
    }

    /** Deletes a spare. If that fails, the file is found when the log is opened the next time. */
    private void delete(Spare spare) {
        try {
            storage.delete(FileName.of(spare.fileId));
        } catch (NoSuchFileException e) {
            LOG.debug("VLog file {} in {} was to be deleted and is gone already", spare.fileId, storage.location());
        } catch (IOException e) {
            LOG.warn("Cannot delete VLog file {} in {}; it holds nothing", spare.fileId, storage.location(), e);
        }
    }
}
