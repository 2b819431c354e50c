/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;

/**
 * Walks through the records of a file, each verified by its checksum, to find the end of the last whole one.
 *
 * <p>Not thread-safe.
 */
final class RecordScanner {

    /** All bytes are read, so the more at a time the better. */
    private static final int WINDOW_BYTES = 64 * 1024;

    private final FileWindow window;
    private final RecordHead head;
    private final VLogFile info;
    private final long limit;

    /** Looks at the file up to {@code limit}. */
    RecordScanner(StorageFile file, VLogFile info, long limit) {
        this.window = new FileWindow(file, info, limit, WINDOW_BYTES);
        this.head = new RecordHead(window, info, limit);
        this.info = info;
        this.limit = limit;
    }

    /**
     * Goes as far as there are whole records; returns the end of the last one. A file system may show zeros behind a
     * torn end, and twelve of them are a whole record, of an empty key and value: it belongs to nobody and does no
     * harm.
     */
    long findEnd() throws IOException {
        long end = FileHeader.BYTES;
        try {
            while (end < limit) {
                end = verified(end);
            }
        } catch (CorruptRecordException e) {
            return end; // a torn tail, which is what was looked for; other failures of reading go up
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
