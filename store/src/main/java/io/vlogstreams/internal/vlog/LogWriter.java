/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * A writing end of the log: appends to its active file and starts a new one when it is full. The log has several of
 * them, see {@link LogEnds}.
 *
 * <p>Not thread-safe: one of the log's locks guards it, except for {@link #isActive}.
 */
final class LogWriter {

    /** New files are at least this large if the options allow it. */
    private static final long MIN_TARGET_BYTES = 4L << 20;

    /** New files are this part of the log, so that a small store's space comes back in small pieces too. */
    private static final long TARGET_DIVISOR = 64;

    private final LogFiles files;
    private final OpenFiles openFiles;
    private final UnsyncedFiles unsynced;
    private final TailBuffer buffer;
    private final long maxFileBytes;
    private final CompressionType compression;
    private final InstantSource clock;

    /** The file in which the log ends; nothing before the first file of all. */
    private volatile @Nullable VLogFile last;

    /** The same file, ready to be written; nothing before the first append of this process. */
    private @Nullable ActiveFile active;

    LogWriter(LogFiles files, OpenFiles openFiles, UnsyncedFiles unsynced, TailBuffer buffer, Start start) {
        this.files = files;
        this.openFiles = openFiles;
        this.unsynced = unsynced;
        this.buffer = buffer;
        this.maxFileBytes = start.maxFileBytes;
        this.compression = start.compression;
        this.clock = start.clock;
        this.last = start.last;
    }

    /** With what a writer begins. */
    record Start(@Nullable VLogFile last, long maxFileBytes, CompressionType compression, InstantSource clock) {}

    /** Any thread. */
    boolean isActive(long fileId) {
        VLogFile file = last;
        return file != null && file.fileId() == fileId;
    }

    /** Where this end is. */
    VLogTail.End end() {
        VLogFile file = last;
        return file == null ? VLogTail.End.NONE : new VLogTail.End(file.fileId(), file.length());
    }

    /** Ends the active file, if there is one: it is sealed, and the next append starts another. */
    void seal() throws IOException {
        VLogFile file = last;
        if (file == null) {
            return;
        }
        ActiveFile ending = active == null ? resume(file) : active;
        active = ending;
        unsynced.add(file); // sealing may cut it
        ending.seal();
        unsynced.hold(file, ending.open());
        active = null;
        last = null;
    }

    /** The value is as it is to be stored, in the compression with which this writer began. */
    ValuePointer append(byte[] key, byte[] value) throws IOException {
        RecordLayout.checkLengths(key.length, value.length);
        ValuePointer pointer =
                fileFor(RecordLayout.recordBytes(key.length, value.length)).append(key, value);
        files.grew(pointer.recordBytes());
        return pointer;
    }

    void drain() throws IOException {
        if (active != null) {
            active.drain();
        }
    }

    /** The same before a pause: gives up the memory of the buffer. */
    void drainAndRelease() throws IOException {
        if (active != null) {
            active.drainAndRelease();
        }
    }

    /** What is not drained yet is to be synced when it is, whatever was taken for a sync before. */
    void keepUndrained() {
        if (active != null && !active.isDrained()) {
            unsynced.add(active.file());
        }
    }

    private ActiveFile fileFor(long recordBytes) throws IOException {
        VLogFile file = last;
        if (active == null && file != null) {
            active = resume(file);
        }
        ActiveFile current = active;
        // A file has one compression, so the option's change seals the file that an earlier process began.
        if (current != null && current.file().compression() == compression && current.hasRoomFor(recordBytes)) {
            unsynced.add(current.file());
            return current;
        }
        return startNext(current);
    }

    private ActiveFile resume(VLogFile file) throws IOException {
        OpenFile open = openFiles.acquire(file);
        try {
            ActiveFile resumed = ActiveFile.resume(file, open, buffer, targetBytes());
            unsynced.add(file); // it may have been cut
            return resumed;
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    private ActiveFile startNext(@Nullable ActiveFile full) throws IOException {
        if (full != null) {
            unsynced.add(full.file()); // sealing may cut it
            full.seal();
        }
        unsynced.namesChanged();
        long targetBytes = targetBytes();
        LogFiles.Created created = files.create(clock.millis(), maxFileBytes, compression);
        OpenFile open = openFiles.adopt(created.file().fileId(), created.handle());
        ActiveFile next = ActiveFile.begin(created.file(), open, buffer, targetBytes);
        if (full != null) {
            unsynced.hold(full.file(), full.open());
        }
        unsynced.add(created.file());
        active = next;
        last = created.file();
        return next;
    }

    /** The size at which a file started now would be full. Any thread. */
    long targetBytes() {
        return Math.min(maxFileBytes, Math.max(MIN_TARGET_BYTES, files.totalBytes() / TARGET_DIVISOR));
    }

    /** Gives the file back. */
    void close() {
        if (active != null) {
            active.open().close();
        }
    }
}
