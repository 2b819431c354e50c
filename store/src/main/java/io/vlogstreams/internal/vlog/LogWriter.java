/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * One writing end of the log: appends to its active file and starts a new one when that is full. The log has several,
 * see {@link LogEnds}.
 *
 * <p>Not thread-safe: one of the log's locks guards it, except for {@link #isActive}.
 */
final class LogWriter {

    /** New files are at least this large if the options allow it. */
    private static final long MIN_TARGET_BYTES = 4L << 20;

    /** New files are this part of the log, so that a small store reclaims its space in small pieces. */
    private static final long TARGET_DIVISOR = 64;

    private final LogFiles files;
    private final OpenFiles openFiles;
    private final UnsyncedFiles unsynced;
    private final TailBuffer buffer;
    private final long maxFileBytes;
    private final CompressionType compression;
    private final InstantSource clock;

    /** The active file; null before the first file. */
    private volatile @Nullable VLogFile last;

    /** The same file, open for writing; null before the first append of this process. */
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

    /** The initial state and the options of a writer. */
    record Start(@Nullable VLogFile last, long maxFileBytes, CompressionType compression, InstantSource clock) {}

    /** Returns whether the file is active here. Any thread. */
    boolean isActive(long fileId) {
        VLogFile file = last;
        return file != null && file.fileId() == fileId;
    }

    /** Returns the position of this end. */
    VLogTail.End end() {
        VLogFile file = last;
        return file == null ? VLogTail.End.NONE : new VLogTail.End(file.fileId(), file.length());
    }

    /** Seals the active file, if there is one; the next append starts another. */
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

    /** Appends a record. The value is in its stored form, with the compression of this writer. */
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

    /** Drains the buffer and frees its memory. */
    void drainAndRelease() throws IOException {
        if (active != null) {
            active.drainAndRelease();
        }
    }

    /** Marks the active file as unsynced if its buffer is not drained, even if a sync has just taken the file. */
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
        // A file has one compression, so a change of the option seals the file that an earlier process began.
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

    /** Returns the size at which a file started now would be full. Any thread. */
    long targetBytes() {
        return Math.min(maxFileBytes, Math.max(MIN_TARGET_BYTES, files.totalBytes() / TARGET_DIVISOR));
    }

    /** Releases the file. */
    void close() {
        if (active != null) {
            active.open().close();
        }
    }
}
