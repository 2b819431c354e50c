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
 * Files that are no part of the log any more and become new ones: a file that is written over has its blocks and its
 * pages already, and a sync of it changes nothing in the file system. So the log deletes and creates few files.
 *
 * <p>A spare keeps its name until it is used. After a crash it is a sealed file without a live byte, as any file that
 * was not deleted in time.
 *
 * <p>Thread-safe.
 */
final class Spares {

    private static final Logger LOG = LoggerFactory.getLogger(Spares.class);

    /** More are not used: this many files are deleted for one sync, and created until the next. */
    private static final int MAX_FILES = 3;

    private final Storage storage;
    private final int divisor;

    /** Of them nobody has one open. */
    private final Deque<Spare> spares = new ArrayDeque<>();

    /** Those, and the ones that wait for a reader. */
    private int files;

    /** Of all these; changed under this. */
    private volatile long bytes;

    private @Nullable Boolean inPlace;

    private record Spare(long fileId, long bytes) {}

    /**
     * @param divisor the spares take at most this part of the log; 0 if there shall be none
     */
    Spares(Storage storage, int divisor) {
        this.storage = storage;
        this.divisor = divisor;
    }

    /** What they take of the disk. Any thread, at no cost. */
    long bytes() {
        return bytes;
    }

    /**
     * Whether a file is to become a spare; then {@link #add} has to follow.
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

    /** Nobody reads the file any more. */
    synchronized void add(VLogFile file) {
        spares.add(new Spare(file.fileId(), file.length()));
    }

    /**
     * Makes a new file of a spare.
     *
     * @return null if there is none that can be used
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

    /** Deletes those that are too many for a log of this size. */
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

    /** If it fails, the file is found when the log is opened the next time. */
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
