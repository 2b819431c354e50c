/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes files durable, and remembers a failure. After a failed sync the operating system may consider the lost bytes
 * written, so that a second sync would succeed without effect.
 *
 * <p>Thread-safe.
 */
final class LogSync {

    private final LogFiles files;
    private final OpenFiles openFiles;

    /** Held during a sync, so that there is one at a time. Appending does not take it. */
    private final ReentrantLock syncing = new ReentrantLock();

    private volatile @Nullable Throwable failure;

    LogSync(LogFiles files, OpenFiles openFiles) {
        this.files = files;
        this.openFiles = openFiles;
    }

    /** The files to sync, and the tail of the log when they were collected. */
    record Work(VLogTail tail, UnsyncedFiles.Batch files) {}

    /** Collects the files to sync. */
    interface Preparation {
        Work prepare() throws IOException;
    }

    /** Returns the failure of a sync, after which nothing may be written; null if there was none. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    void checkDidNotFail() throws VLogPoisonedException {
        Throwable reason = failure;
        if (reason != null) {
            throw new VLogPoisonedException(files.location(), reason);
        }
    }

    /**
     * Syncs the files that the preparation collects; returns the tail as of then. A failed preparation has no effect.
     * After a failed sync there is no further one.
     */
    VLogTail run(Preparation preparation) throws IOException {
        syncing.lock();
        try {
            checkDidNotFail();
            Work work = preparation.prepare();
            boolean done = false;
            try {
                makeDurable(work.files());
                done = true;
                return work.tail();
            } catch (IOException | RuntimeException e) {
                failure = e;
                throw e;
            } finally {
                if (!done && failure == null) {
                    failure = new IOException("the sync did not end");
                }
                work.files().held().forEach(OpenFile::close);
            }
        } finally {
            syncing.unlock();
        }
    }

    /** Syncs bytes before names, so that a name that survives a power failure names a complete file. */
    private void makeDurable(UnsyncedFiles.Batch batch) throws IOException {
        for (VLogFile file : batch.files()) {
            try (OpenFile open = openFiles.acquire(file)) {
                open.file().sync();
            } catch (FileGoneException e) {
                if (files.find(file.fileId()) != null) {
                    throw e; // not deleted by this log
                }
            }
        }
        if (batch.names()) {
            files.syncNames();
        }
    }

    /** Runs the action while no sync is under way. */
    void afterTheLast(Runnable action) {
        syncing.lock();
        try {
            action.run();
        } finally {
            syncing.unlock();
        }
    }
}
