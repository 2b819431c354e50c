/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import io.vlogstreams.internal.vlog.VLogDamagedException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file that is being written, from its first append in this process until it is sealed. Records are buffered or, if
 * they are large, written directly. The logical length of the file grows only once a record is complete, so a failure
 * changes nothing, and the next attempt writes to the same place.
 *
 * <p>Not thread-safe: one of the log's locks guards it.
 */
final class ActiveFile {

    private final VLogFile file;
    private final OpenFile open;
    private final TailBuffer buffer;
    private final long targetBytes;

    private ActiveFile(VLogFile file, OpenFile open, TailBuffer buffer, long targetBytes) {
        this.file = file;
        this.open = open;
        this.buffer = buffer;
        this.targetBytes = targetBytes;
    }

    /** Continues a file of an earlier process. Bytes past its logical length are uncommitted and are truncated. */
    static ActiveFile resume(VLogFile file, OpenFile open, TailBuffer buffer, long targetBytes) throws IOException {
        cutToLength(file, open.file());
        return begin(file, open, buffer, targetBytes);
    }

    /** Begins a new file. */
    static ActiveFile begin(VLogFile file, OpenFile open, TailBuffer buffer, long targetBytes) {
        buffer.begin(file.fileId(), file.length());
        return new ActiveFile(file, open, buffer, targetBytes);
    }

    VLogFile file() {
        return file;
    }

    OpenFile open() {
        return open;
    }

    /** Returns whether the record fits. A file exceeds its target only by a single record that is larger itself. */
    boolean hasRoomFor(long recordBytes) {
        return !file.holdsRecords() || recordBytes <= targetBytes - file.length();
    }

    ValuePointer append(byte[] key, byte[] value) throws IOException {
        long offset = file.length();
        long recordBytes = RecordLayout.recordBytes(key.length, value.length);
        int crc = RecordLayout.crc(key, value);
        if (!buffer.hasRoomFor(recordBytes)) {
            drain();
        }
        if (buffer.hasRoomFor(recordBytes)) {
            buffer.add(key, value, crc);
        } else {
            writeStraight(offset, key, value, crc);
            buffer.begin(file.fileId(), offset + recordBytes);
        }
        // Invariant 1: the length, and with it any pointer, comes after the bytes.
        file.extendTo(offset + recordBytes);
        return new ValuePointer(file.fileId(), offset, key.length, value.length, crc);
    }

    private void writeStraight(long offset, byte[] key, byte[] value, int crc) throws IOException {
        StorageFile out = open.file();
        out.write(RecordLayout.lengths(key, value), offset);
        out.write(ByteBuffer.wrap(key), offset + RecordLayout.KEY_OFFSET);
        out.write(ByteBuffer.wrap(value), offset + RecordLayout.valueOffset(key.length));
        out.write(RecordLayout.trailer(crc), offset + RecordLayout.crcOffset(key.length, value.length));
    }

    /** Hands all bytes to the operating system. */
    void drain() throws IOException {
        ByteBuffer pending = buffer.pending();
        if (pending.hasRemaining()) {
            open.file().write(pending, buffer.base());
            buffer.begin(file.fileId(), file.length());
        }
    }

    /** Drains the buffer and frees its memory. Used at commits, which a pause often follows. */
    void drainAndRelease() throws IOException {
        drain();
        buffer.release();
    }

    /** Returns whether the operating system has all bytes. */
    boolean isDrained() {
        return !buffer.pending().hasRemaining();
    }

    /** Makes the file's bytes final. */
    void seal() throws IOException {
        drain();
        // Invariant 5: bytes that a failed write left past the end are cut now, because a sealed file never changes.
        cutToLength(file, open.file());
    }

    private static void cutToLength(VLogFile file, StorageFile handle) throws IOException {
        long size = handle.size();
        if (size > file.length()) {
            handle.truncate(file.length());
        } else if (size < file.length()) {
            throw new VLogDamagedException(
                    Kind.FILE_TOO_SHORT, file.toString(), size, file.length() + " bytes", size + " bytes");
        }
    }
}
