/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * Walks through the records of a file, each verified by its checksum. Reads through a window of fixed size, whatever the
 * records' lengths claim to be.
 *
 * <p>Not thread-safe.
 */
final class RecordScanner {

    private static final int WINDOW_BYTES = 64 * 1024;

    private final StorageFile file;
    private final VLogFile info;
    private final long limit;

    /** Holds the bytes of the file from {@link #windowStart} on, up to the buffer's limit. */
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES).limit(0);

    private long windowStart;

    /** The end of the last whole record, which is where the next one begins. */
    private long end = FileHeader.BYTES;

    /** Scans the file up to {@code limit}, the end of its last record if it is undamaged. */
    RecordScanner(StorageFile file, VLogFile info, long limit) {
        this.file = file;
        this.info = info;
        this.limit = limit;
    }

    /** Shows all records. */
    void scan(RecordVisitor visitor) throws IOException {
        while (end < limit) {
            ValuePointer pointer = verifyNext();
            visitor.visit(pointer, key(pointer));
        }
    }

    /**
     * Goes as far as there are whole records; returns the end of the last one. A file system may show zeros behind a torn
     * end, and twelve of them are a whole record, of an empty key and value: it belongs to nobody and does no harm.
     */
    long findEnd() throws IOException {
        try {
            while (end < limit) {
                verifyNext();
            }
        } catch (CorruptRecordException e) {
            return end; // a torn tail, which is what was looked for; other failures of reading go up
        }
        return end;
    }

    private ValuePointer verifyNext() throws IOException {
        long offset = end;
        checkFits(offset, "room for a record of", RecordLayout.OVERHEAD_BYTES);
        long keyBytes = Integer.toUnsignedLong(intAt(offset + RecordLayout.KEY_LENGTH_OFFSET));
        long valueBytes = Integer.toUnsignedLong(intAt(offset + RecordLayout.VALUE_LENGTH_OFFSET));
        checkPart(offset, "key length of at most", keyBytes);
        checkPart(offset, "value length of at most", valueBytes);
        checkFits(offset, "room for a record of", RecordLayout.recordBytes(keyBytes, valueBytes));

        int found = crc(offset + RecordLayout.KEY_OFFSET, keyBytes + valueBytes);
        int stored = intAt(offset + RecordLayout.crcOffset((int) keyBytes, (int) valueBytes));
        if (found != stored) {
            throw CorruptRecordException.ofChecksums(info.toString(), offset, "checksum", stored, found);
        }
        ValuePointer pointer = new ValuePointer(info.fileId(), offset, (int) keyBytes, (int) valueBytes, stored);
        end = offset + pointer.recordBytes();
        return pointer;
    }

    private void checkPart(long offset, String what, long bytes) throws CorruptRecordException {
        if (bytes > RecordLayout.MAX_PART_BYTES) {
            throw CorruptRecordException.ofNumbers(info.toString(), offset, what, RecordLayout.MAX_PART_BYTES, bytes);
        }
    }

    private void checkFits(long offset, String what, long bytes) throws CorruptRecordException {
        if (bytes > limit - offset) {
            throw CorruptRecordException.ofNumbers(info.toString(), offset, what, bytes, limit - offset);
        }
    }

    private byte[] key(ValuePointer pointer) throws IOException {
        byte[] key = new byte[pointer.keyBytes()]; // no larger than a record that has been verified
        long from = pointer.offset() + RecordLayout.KEY_OFFSET;
        for (int done = 0; done < key.length; ) {
            int count = Math.min(load(from + done, 1), key.length - done);
            window.get(windowIndex(from + done), key, done, count);
            done += count;
        }
        return key;
    }

    private int crc(long from, long count) throws IOException {
        CRC32 crc = new CRC32();
        for (long done = 0; done < count; ) {
            int part = (int) Math.min(count - done, load(from + done, 1));
            crc.update(window.array(), windowIndex(from + done), part);
            done += part;
        }
        return (int) crc.getValue();
    }

    private int intAt(long position) throws IOException {
        load(position, Integer.BYTES);
        return window.getInt(windowIndex(position));
    }

    private int windowIndex(long position) {
        return (int) (position - windowStart);
    }

    /** Brings at least these bytes into the window; returns how many there are from {@code position} on. */
    private int load(long position, int atLeast) throws IOException {
        long available = windowStart + window.limit() - position;
        if (position >= windowStart && available >= atLeast) {
            return (int) available;
        }
        windowStart = position;
        window.clear().limit((int) Math.min(WINDOW_BYTES, limit - position));
        int count = file.read(window, position);
        window.position(0).limit(count);
        if (count < atLeast) {
            throw CorruptRecordException.ofNumbers(info.toString(), end, "length of the file", limit, position + count);
        }
        return count;
    }
}
