/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
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
    private final Deletion deletion;

    /** The spares that no reader has open. */
    private final Deque<VLogFile> spares = new ArrayDeque<>();

    /** The number of spares, including those that wait for a reader. */
    private int files;

    /** The total size of all of them; written under this monitor. */
    private volatile long bytes;

    private @Nullable Boolean inPlace;

    /** Deletes a file from the storage; one that is already gone is not an error. */
    @FunctionalInterface
    interface Deletion {
        void delete(VLogFile file) throws IOException;
    }

    Spares(Storage storage, Deletion deletion) {
        this.storage = storage;
        this.deletion = deletion;
    }

    /** Returns their total size. Any thread, at no cost. */
    long bytes() {
        return bytes;
    }

    /**
     * Returns whether to keep a file as a spare; if so, {@link #add} must follow.
     *
     * @param limitBytes the most that all spares may take
     */
    synchronized boolean wants(VLogFile file, long limitBytes) {
        if (files >= MAX_FILES || bytes + file.length() > limitBytes || !isInPlace()) {
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
        spares.add(file);
    }

    /**
     * Turns a spare into a new file.
     *
     * @return null if there is no usable spare
     */
    @Nullable
    StorageFile use(String name) {
        for (VLogFile spare = take(); spare != null; spare = take()) {
            try {
                StorageFile recycled = storage.recycle(FileName.of(spare.fileId()), name);
                if (recycled != null) {
                    return recycled;
                }
            } catch (IOException e) {
                LOG.debug("VLog file {} cannot be written over", spare, e);
            }
            delete(spare);
        }
        return null;
    }

    /** Deletes spares until they take no more than the limit. */
    void trim(long limitBytes) {
        while (bytes > limitBytes) {
            VLogFile spare = take();
            if (spare == null) {
                return;
            }
            delete(spare);
        }
    }

    private synchronized @Nullable VLogFile take() {
        VLogFile spare = spares.poll();
        if (spare != null) {
            files--;
            bytes -= spare.length();
        }
        return spare;
    }

    /** Deletes a spare. If that fails, the file is found when the log is opened the next time. */
    private void delete(VLogFile spare) {
        try {
            deletion.delete(spare);
        } catch (IOException e) {
            LOG.warn("Cannot delete VLog file {}; it holds nothing", spare, e);
        }
    }
}
