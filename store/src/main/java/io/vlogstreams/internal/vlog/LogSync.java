/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes files durable, and remembers when that failed: after a failed sync the operating system takes the lost bytes
 * for written, so that a second one would succeed and mean nothing.
 *
 * <p>Thread-safe.
 */
final class LogSync {

    private final LogFiles files;
    private final OpenFiles openFiles;

    /** Held for the whole of a sync, so that one at a time waits for the disk. Appending does not take it. */
    private final ReentrantLock syncing = new ReentrantLock();

    private volatile @Nullable Throwable failure;

    LogSync(LogFiles files, OpenFiles openFiles) {
        this.files = files;
        this.openFiles = openFiles;
    }

    /** What a sync has to do, and where the log ended when that was found out. */
    record Work(VLogTail tail, UnsyncedFiles.Batch files) {}

    /** Finds out what there is to do. */
    interface Preparation {
        Work prepare() throws IOException;
    }

    /** The failure of a sync, after which nothing may be written any more; null if there was none. */
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
     * Syncs what the preparation finds; returns where the log ended then. A failing preparation does no harm. After a
     * sync that failed there is no other.
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

    /** Bytes before names: a name that survives a power failure then names a file that is whole. */
    private void makeDurable(UnsyncedFiles.Batch batch) throws IOException {
        for (VLogFile file : batch.files()) {
            try (OpenFile open = openFiles.acquire(file)) {
                open.file().sync();
            } catch (FileGoneException e) {
                if (files.find(file.fileId()) != null) {
                    throw e; // not deleted by us
                }
            }
        }
        if (batch.names()) {
            files.syncNames();
        }
    }

    /** Does it while no sync is under way. */
    void afterTheLast(Runnable action) {
        syncing.lock();
        try {
            action.run();
        } finally {
            syncing.unlock();
        }
    }
}
