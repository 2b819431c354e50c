/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;

/**
 * Scans the records of a file, verifies each by its checksum, and finds the end of the last whole one.
 *
 * <p>Not thread-safe.
 */
final class RecordScanner {

    /** Large, because all bytes are read. */
    private static final int WINDOW_BYTES = 64 * 1024;

    private final FileWindow window;
    private final RecordHead head;
    private final VLogFile info;
    private final long limit;

    /** Scans the file up to {@code limit}. */
    RecordScanner(StorageFile file, VLogFile info, long limit) {
        this.window = new FileWindow(file, info, limit, WINDOW_BYTES);
        this.head = new RecordHead(window, info, limit);
        this.info = info;
        this.limit = limit;
    }

    /**
     * Returns the end of the last whole record. A file system may show zeros after a torn end. Twelve zeros are a valid
     * record with an empty key and value; nothing names it, so it does no harm.
     */
    long findEnd() throws IOException {
        long end = FileHeader.BYTES;
        try {
            while (end < limit) {
                end = verified(end);
            }
        } catch (CorruptRecordException e) {
            return end; // a torn tail, as expected; other read errors are thrown
        }
        return end;
    }

    private long verified(long offset) throws IOException {
        head.read(offset);
        int found = window.crc(offset + RecordLayout.KEY_OFFSET, (long) head.keyBytes() + head.valueBytes());
        int stored = window.intAt(offset + RecordLayout.crcOffset(head.keyBytes(), head.valueBytes()));
        if (found != stored) {
            throw CorruptRecordException.ofChecksums(info.toString(), offset, "checksum", stored, found);
        }
        return head.end();
    }
}
