/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;

/**
 * The two lengths at the start of a record, read from a file and checked against its size before they are used.
 *
 * <p>Not thread-safe.
 */
final class RecordHead {

    private final FileWindow window;
    private final VLogFile info;
    private final long limit;
    private long offset;
    private int keyBytes;
    private int valueBytes;

    RecordHead(FileWindow window, VLogFile info, long limit) {
        this.window = window;
        this.info = info;
        this.limit = limit;
    }

    /** @throws CorruptRecordException if a record with these lengths does not fit here */
    void read(long recordOffset) throws IOException {
        checkFits(recordOffset, RecordLayout.OVERHEAD_BYTES);
        long key = lengthAt(recordOffset, RecordLayout.KEY_LENGTH_OFFSET, "key length of at most");
        long value = lengthAt(recordOffset, RecordLayout.VALUE_LENGTH_OFFSET, "value length of at most");
        checkFits(recordOffset, RecordLayout.recordBytes(key, value));
        offset = recordOffset;
        keyBytes = (int) key;
        valueBytes = (int) value;
    }

    int keyBytes() {
        return keyBytes;
    }

    int valueBytes() {
        return valueBytes;
    }

    /** Returns the offset of the next record. */
    long end() {
        return offset + RecordLayout.recordBytes(keyBytes, valueBytes);
    }

    private long lengthAt(long recordOffset, int position, String what) throws IOException {
        long bytes = Integer.toUnsignedLong(window.intAt(recordOffset + position));
        if (bytes > RecordLayout.MAX_PART_BYTES) {
            throw CorruptRecordException.ofNumbers(
                    info.toString(), recordOffset, what, RecordLayout.MAX_PART_BYTES, bytes);
        }
        return bytes;
    }

    private void checkFits(long recordOffset, long bytes) throws CorruptRecordException {
        if (bytes > limit - recordOffset) {
            throw CorruptRecordException.ofNumbers(
                    info.toString(), recordOffset, "room for a record of", bytes, limit - recordOffset);
        }
    }
}
