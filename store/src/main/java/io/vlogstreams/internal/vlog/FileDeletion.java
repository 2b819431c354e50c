/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Deletes sealed files of the log while it is written, synced and read.
 *
 * <p>Thread-safe; takes the lock of appending, and never while it waits for the disk.
 */
final class FileDeletion {

    private final LogFiles files;
    private final OpenFiles openFiles;
    private final UnsyncedFiles unsynced;
    private final Reserve reserve;
    private final ReentrantLock appending;
    private final int spareDivisor;

    /** @param spareDivisor see {@link VLogOptions} */
    FileDeletion(
            LogFiles files,
            OpenFiles openFiles,
            UnsyncedFiles unsynced,
            Reserve reserve,
            ReentrantLock appending,
            int spareDivisor) {
        this.files = files;
        this.openFiles = openFiles;
        this.unsynced = unsynced;
        this.reserve = reserve;
        this.appending = appending;
        this.spareDivisor = spareDivisor;
    }

    /** A file that was removed from the list, and whether it still had to be synced. */
    private record Unlisted(VLogFile file, boolean wasUnsynced) {}

    /** Deletes a file. If that fails, the file stays as before. A file that is already gone is not an error. */
    void delete(long fileId) throws IOException {
        // First from the list, then from the disk: a concurrent sync that finds a listed file missing reports damage,
        // after which the log takes no writes.
        Unlisted unlisted = unlist(fileId);
        if (unlisted == null) {
            return;
        }
        if (becomesSpare(unlisted.file)) {
            return;
        }
        boolean gone = false;
        try {
            files.deleteFromStorage(unlisted.file);
            gone = true;
        } finally {
            settle(unlisted, gone);
        }
    }

    private boolean becomesSpare(VLogFile file) {
        Spares spares = files.spares();
        long limitBytes = spareLimitBytes();
        spares.trim(limitBytes);
        if (!spares.wants(file, limitBytes)) {
            return false;
        }
        openFiles.retire(file, () -> spares.add(file));
        return true;
    }

    /** On a disk that is nearly full others need the room more. */
    private long spareLimitBytes() {
        return spareDivisor == 0 || reserve.isNeededSoon() ? 0 : files.totalBytes() / spareDivisor;
    }

    private @Nullable Unlisted unlist(long fileId) {
        appending.lock();
        try {
            VLogFile file = files.remove(fileId);
            return file == null ? null : new Unlisted(file, unsynced.remove(fileId));
        } finally {
            appending.unlock();
        }
    }

    private void settle(Unlisted unlisted, boolean gone) {
        appending.lock();
        try {
            if (gone) {
                unsynced.namesChanged();
            } else {
                files.add(unlisted.file);
                if (unlisted.wasUnsynced) {
                    unsynced.add(unlisted.file);
                }
            }
        } finally {
            appending.unlock();
        }
        if (gone) {
            openFiles.retire(unlisted.file, () -> {});
        }
    }
}
