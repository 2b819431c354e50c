/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache of open files. Files are opened when they are needed, and at most a given number is kept open while idle. The
 * least recently used file is closed first; uses since the last opening of any file count as simultaneous. Files in use
 * are never closed, so there may be as many more as there are users.
 *
 * <p>Thread-safe. Getting a file that is open takes no lock. Opening and closing takes one that is not the writer's.
 */
final class OpenFiles {

    private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

    private final Storage storage;
    private final int maxOpenFiles;
    private final Map<Long, OpenFile> open = new ConcurrentHashMap<>();

    /** Guards additions to and removals from {@link #open}. */
    private final ReentrantLock changing = new ReentrantLock();

    /** The number of openings so far, which serves as the clock for the age of files. */
    private final AtomicLong openings = new AtomicLong();

    private boolean closed; // guarded by changing

    OpenFiles(Storage storage, int maxOpenFiles) {
        this.storage = storage;
        this.maxOpenFiles = maxOpenFiles;
    }

    long openings() {
        return openings.get();
    }

    int maxOpenFiles() {
        return maxOpenFiles;
    }

    /**
     * Returns the open file. The caller must close it, which only releases it.
     *
     * @throws FileGoneException if there is no such file
     */
    OpenFile acquire(VLogFile file) throws IOException {
        OpenFile known = open.get(file.fileId());
        if (known != null && known.tryAcquire()) {
            return known;
        }
        return acquireSlowly(file);
    }

    private OpenFile acquireSlowly(VLogFile file) throws IOException {
        changing.lock();
        try {
            OpenFile known = open.get(file.fileId()); // under the lock no file in the map is retired
            if (known != null && known.tryAcquire()) {
                return known;
            }
            if (file.isGone()) {
                throw new FileGoneException(file.toString());
            }
            return add(file.fileId(), openOrMakeRoom(FileName.of(file.fileId())));
        } catch (NoSuchFileException e) {
            FileGoneException gone = new FileGoneException(file.toString());
            gone.initCause(e);
            throw gone;
        } finally {
            changing.unlock();
        }
    }

    /** Opens a file. If the process has reached its limit of open files, closes idle ones of the log and retries. */
    private StorageFile openOrMakeRoom(String name) throws IOException {
        try {
            return storage.open(name);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            int before = open.size();
            trim(0);
            if (open.size() == before) {
                throw e;
            }
            return storage.open(name);
        }
    }

    /** Adds a file that the caller has just created; the caller is its first user. */
    OpenFile adopt(long fileId, StorageFile file) {
        changing.lock();
        try {
            return add(fileId, file);
        } finally {
            changing.unlock();
        }
    }

    /**
     * Removes a file that is no longer part of the log; its readers can finish.
     *
     * @param whenClosed run when no reader has the file open or can open it any more: immediately, or after the last
     *     one
     */
    void retire(VLogFile file, Runnable whenClosed) {
        OpenFile known;
        changing.lock();
        try {
            file.goes(); // before another file gets its bytes: a reader that is about to open it is told under the lock
            known = open.remove(file.fileId());
        } finally {
            changing.unlock();
        }
        if (known == null) {
            whenClosed.run();
        } else {
            // Without the lock: closing a deleted file frees its blocks, and a put may need the lock.
            known.retire(whenClosed);
        }
    }

    /** Closes idle files now, and the others when they are released. */
    void close() {
        changing.lock();
        try {
            closed = true;
            for (OpenFile each : open.values()) {
                each.retire(() -> {});
            }
            open.clear();
        } finally {
            changing.unlock();
        }
    }

    private OpenFile add(long fileId, StorageFile file) {
        openings.incrementAndGet();
        OpenFile added = new OpenFile(fileId, file, this);
        if (closed) {
            added.retire(() -> {}); // still serves this user
            return added;
        }
        open.put(fileId, added);
        trim(maxOpenFiles);
        return added;
    }

    /** Called when a file has become idle: too many files may have been in use to keep the limit. */
    void becameIdle() {
        if (open.size() > maxOpenFiles) {
            changing.lock();
            try {
                trim(maxOpenFiles);
            } finally {
                changing.unlock();
            }
        }
    }

    private void trim(int maxLeft) {
        while (open.size() > maxLeft) {
            Optional<OpenFile> oldest =
                    open.values().stream().filter(OpenFile::isIdle).min(Comparator.comparingLong(OpenFile::lastUsed));
            if (oldest.isEmpty()) {
                return; // all are in use: the next release tries again
            }
            if (oldest.get().retireIfIdle()) {
                open.remove(oldest.get().fileId());
            }
        }
    }

    void closeFile(OpenFile file) {
        try {
            file.file().close();
        } catch (IOException e) {
            // Harmless: durable data was synced, and a sync reports its own failures.
            LOG.warn("Cannot close VLog file {} in {}", file.fileId(), storage.location(), e);
        }
    }
}
