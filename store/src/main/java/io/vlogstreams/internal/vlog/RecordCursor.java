/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;

/**
 * A cursor over the records of a sealed file, with their positions and keys. It skips the values, so its results are
 * unverified, and a record may be trusted only if the index names it.
 *
 * <p>Keeps the file open, so that it can be read to its end even if it is deleted meanwhile. For one thread at a time.
 */
public final class RecordCursor implements AutoCloseable {

    /** Small, because nearby bytes are already read ahead, and the rest is skipped. */
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
     * Moves to the next record; returns false if there is none.
     *
     * @throws CorruptRecordException if the bytes there are not a record
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

    /** Returns the length of the file. */
    public long fileBytes() {
        return limit;
    }

    /** Returns the offset of the record in its file. */
    public long offset() {
        return offset;
    }

    /** Returns the size of the record in its file. */
    public long recordBytes() {
        return next - offset;
    }

    /** Returns the key in a new array. */
    public byte[] key() throws IOException {
        byte[] key = new byte[head.keyBytes()]; // the length was checked against the file
        window.copy(offset + RecordLayout.KEY_OFFSET, key);
        return key;
    }

    /** Returns a pointer to the record, with its stored checksum. */
    public ValuePointer pointer() throws IOException {
        int crc = window.intAt(offset + RecordLayout.crcOffset(head.keyBytes(), head.valueBytes()));
        return new ValuePointer(file.fileId(), offset, head.keyBytes(), head.valueBytes(), crc);
    }

    /** Moves back to before the first record. */
    public void rewind() {
        next = FileHeader.BYTES;
    }

    VLogFile file() {
        return file;
    }

    /** Returns the file; reading records near the current one is the fastest. */
    ReadAhead near() {
        return ahead;
    }

    @Override
    public void close() {
        open.close();
    }
}
