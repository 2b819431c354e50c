/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The three ends at which a log grows, each with its own active file: long-lived, short-lived and relocated records are
 * in separate files.
 *
 * <p>Thread-safe. Appending and relocating have separate locks, so that neither waits while the other passes bytes to
 * the operating system. Operations on all ends take both, that of relocating first. Neither is held while waiting for
 * the disk.
 */
final class LogEnds {

    /** Throws if the log accepts no writes. */
    @FunctionalInterface
    interface Check {
        void run() throws IOException;
    }

    private final LogFiles files;
    private final UnsyncedFiles unsynced;
    private final Reserve reserve;
    private final Check writable;
    private final LogWriter longLived;
    private final LogWriter shortLived;
    private final LogWriter relocated;
    private final List<LogWriter> all;

    private final ReentrantLock appending;
    private final ReentrantLock relocating = new ReentrantLock();

    /** @param appending the lock of appending, shared with operations that must not run during an append */
    LogEnds(
            LogFiles files,
            UnsyncedFiles unsynced,
            Reserve reserve,
            Writers writers,
            ReentrantLock appending,
            Check writable) {
        this.files = files;
        this.unsynced = unsynced;
        this.reserve = reserve;
        this.writable = writable;
        this.longLived = writers.longLived;
        this.shortLived = writers.shortLived;
        this.relocated = writers.relocated;
        this.all = List.of(longLived, shortLived, relocated);
        this.appending = appending;
    }

    /** The writers of the ends. */
    record Writers(LogWriter longLived, LogWriter shortLived, LogWriter relocated) {}

    ValuePointer append(byte[] key, byte[] stored, Lifetime lifetime) throws IOException {
        appending.lock();
        try {
            writable.run();
            return (lifetime == Lifetime.SHORT ? shortLived : longLived).append(key, stored);
        } finally {
            appending.unlock();
        }
    }

    void sealShortLived() throws IOException {
        appending.lock();
        try {
            writable.run();
            reserve.writing(shortLived::seal);
        } finally {
            appending.unlock();
        }
    }

    ValuePointer relocate(byte[] key, byte[] stored) throws IOException {
        relocating.lock();
        try {
            writable.run();
            return reserve.writing(stored.length, () -> relocated.append(key, stored));
        } finally {
            relocating.unlock();
        }
    }

    void sealRelocated() throws IOException {
        writeRelocated(relocated::seal);
    }

    VLogTail drainRelocated() throws IOException {
        return writeRelocated(relocated::drain);
    }

    private VLogTail writeRelocated(Reserve.Write handover) throws IOException {
        relocating.lock();
        try {
            writable.run();
            reserve.writing(handover);
            return tail();
        } finally {
            relocating.unlock();
        }
    }

    VLogTail drain() throws IOException {
        lockAll();
        try {
            writable.run();
            drainAll();
            return tail();
        } finally {
            unlockAll();
        }
    }

    private void drainAll() throws IOException {
        for (LogWriter writer : all) {
            writer.drainAndRelease();
        }
    }

    /** Takes the files that have to be synced. Either drains the buffers first, or covers drained bytes only. */
    LogSync.Work takeUnsynced(boolean drained) throws IOException {
        lockAll();
        try {
            writable.run();
            if (drained) {
                drainAll();
            }
            LogSync.Work work = new LogSync.Work(tail(), unsynced.take());
            all.forEach(LogWriter::keepUndrained);
            return work;
        } finally {
            unlockAll();
        }
    }

    /** Returns the tail of the log as of one moment. */
    VLogTail tail() {
        lockAll();
        try {
            return new VLogTail(longLived.end(), shortLived.end(), relocated.end(), files.highestFileId());
        } finally {
            unlockAll();
        }
    }

    /** Returns whether the file is active. Takes no lock. */
    boolean isActive(long fileId) {
        return longLived.isActive(fileId) || shortLived.isActive(fileId) || relocated.isActive(fileId);
    }

    /** Returns the size at which a file started now would be sealed. */
    long targetFileBytes() {
        return longLived.targetBytes();
    }

    /** Runs the action while no write is under way. */
    void alone(Runnable action) {
        lockAll();
        try {
            action.run();
        } finally {
            unlockAll();
        }
    }

    /** Drains the buffers if the log still accepts writes, and closes the files in any case. Call in {@link #alone}. */
    void close(boolean draining) throws IOException {
        try {
            if (draining) {
                drainAll();
            }
        } finally {
            all.forEach(LogWriter::close);
        }
    }

    private void lockAll() {
        relocating.lock();
        appending.lock();
    }

    private void unlockAll() {
        appending.unlock();
        relocating.unlock();
    }
}
