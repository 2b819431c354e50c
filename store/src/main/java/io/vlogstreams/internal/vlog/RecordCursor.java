/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;

/**
 * Walks through the records of a sealed file: where each is and what its key is. Values are passed over, so what it
 * says is unverified, and a record is to be believed only if the index names it.
 *
 * <p>Keeps the file open, so it can be read to its end even if it is deleted meanwhile. One thread at a time.
 */
public final class RecordCursor implements AutoCloseable {

    /** Of the file all that is near is at hand already, and what is not is passed over. */
    private static final int WINDOW_BYTES = 1024;

    private final OpenFile open;
    private final VLogFile file;
    private final ReadAhead ahead;
    private final FileWindow window;
    private final RecordHead head;
    private final long limit;
    private final ReadTally tally;
    private long offset;
    private long next = FileHeader.BYTES;

    RecordCursor(OpenFile open, VLogFile file, ReadTally tally) {
        this.open = open;
        this.file = file;
        this.ahead = new ReadAhead(open.file());
        this.limit = file.readableLength();
        this.window = new FileWindow(ahead, file, limit, WINDOW_BYTES);
        this.head = new RecordHead(window, file, limit);
        this.tally = tally;
    }

    /**
     * Goes to the next record; false if there is none.
     *
     * @throws CorruptRecordException if there is something else than a record
     */
    public boolean advance() throws IOException {
        if (next >= limit) {
            return false;
        }
        try {
            head.read(next);
        } catch (CorruptRecordException e) {
            tally.checksumFailure();
            throw e;
        }
        offset = next;
        next = head.end();
        return true;
    }

    /** The length of the file. */
    public long fileBytes() {
        return limit;
    }

    /** Where the record begins in its file. */
    public long offset() {
        return offset;
    }

    /** The bytes that the record takes in its file. */
    public long recordBytes() {
        return next - offset;
    }

    /** The key, a new array. */
    public byte[] key() throws IOException {
        byte[] key = new byte[head.keyBytes()]; // no larger than the file
        window.copy(offset + RecordLayout.KEY_OFFSET, key);
        return key;
    }

    /** Where the record is, with the checksum that it says it has. */
    public ValuePointer pointer() throws IOException {
        int crc = window.intAt(offset + RecordLayout.crcOffset(head.keyBytes(), head.valueBytes()));
        return new ValuePointer(file.fileId(), offset, head.keyBytes(), head.valueBytes(), crc);
    }

    /** Goes back to before the first record. */
    public void rewind() {
        next = FileHeader.BYTES;
    }

    VLogFile file() {
        return file;
    }

    /** The file, at whose records near the one of now it is quickest to look. */
    ReadAhead near() {
        return ahead;
    }

    @Override
    public void close() {
        open.close();
    }
}
