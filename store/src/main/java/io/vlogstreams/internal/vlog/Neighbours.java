/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The read-ahead of one scan. If consecutive records of the scan are next to each other in a sealed file, as after puts
 * in key order, a read also loads the records that follow. Otherwise only the requested record is read.
 *
 * <p>The read-ahead starts small, doubles if at least half of it was used, and otherwise starts again.
 *
 * <p>For one thread at a time. Allocates nothing before the first read-ahead, and then at most {@link #MAX_BYTES}.
 */
public final class Neighbours {

    /** The largest read; one call per 64 KiB costs next to nothing. */
    static final int MAX_BYTES = 64 * 1024;

    /** Larger records are read individually, because copying them takes longer than the call. */
    static final int MAX_RECORD_BYTES = 8 * 1024 + 64;

    /** The size of the first read-ahead. */
    static final int FIRST_BYTES = 8 * 1024;

    /** The least read-ahead, in records of the requested size. */
    private static final int MIN_RECORDS = 4;

    /** Records are neighbours if the gap between them, for example of overwritten records, is not larger than this. */
    static final int MAX_GAP_BYTES = 4 * 1024;

    /** A range of bytes of a file; the end is exclusive. No file has the id 0. */
    private record Part(long fileId, long start, long end) {

        static final Part NONE = new Part(0, 0, 0);

        static Part of(ValuePointer pointer) {
            return new Part(pointer.fileId(), pointer.offset(), pointer.offset() + pointer.recordBytes());
        }

        boolean contains(Part other) {
            return fileId == other.fileId && start <= other.start && other.end <= end;
        }

        boolean isNear(Part other) {
            return fileId == other.fileId && other.start <= end + MAX_GAP_BYTES && other.end >= start - MAX_GAP_BYTES;
        }

        long bytes() {
            return end - start;
        }
    }

    private byte[] bytes = new byte[0];

    /** The range that is loaded. */
    private Part loaded = Part.NONE;

    /** How many of the loaded bytes were used. */
    private long asked;

    /** The record that was requested last. */
    private Part last = Part.NONE;

    private int size;

    /** Returns the bytes of the record, or null if they were not read ahead. */
    @Nullable
    ByteBuffer find(ValuePointer pointer) {
        Part record = Part.of(pointer);
        if (!loaded.contains(record)) {
            return null;
        }
        last = record;
        asked += record.bytes();
        return ByteBuffer.wrap(bytes, (int) (record.start - loaded.start), (int) record.bytes())
                .slice();
    }

    /**
     * Reads the record and those after it (before it in a descending scan), if the scan has come from a neighbour;
     * otherwise does nothing. Called when {@link #find} returned null.
     *
     * @param file a sealed file, because loaded bytes are not refreshed
     * @param readable the end of the records
     * @param scratch a buffer for reading, with room for {@link #MAX_BYTES}
     */
    void read(ReadableFile file, ValuePointer pointer, long readable, ByteBuffer scratch) {
        Part record = Part.of(pointer);
        Part from = loaded.isNear(record) ? loaded : last;
        last = record;
        if (record.bytes() > MAX_RECORD_BYTES || !from.isNear(record)) {
            return;
        }
        boolean worthIt = size > 0 && asked >= loaded.bytes() / 2;
        size = worthIt ? Math.min(2 * size, MAX_BYTES) : FIRST_BYTES;
        long wanted = Math.max(size, MIN_RECORDS * record.bytes());
        long start = record.start >= from.start ? record.start : Math.max(FileHeader.BYTES, record.end - wanted);
        load(file, new Part(record.fileId, start, Math.min(start + wanted, readable)), scratch);
    }

    private void load(ReadableFile file, Part part, ByteBuffer scratch) {
        loaded = Part.NONE;
        asked = 0;
        try {
            ByteBuffer target = scratch.clear().limit((int) part.bytes());
            int count = file.read(target, part.start);
            if (bytes.length < count) {
                bytes = new byte[Math.max(count, size)];
            }
            target.flip().get(bytes, 0, count);
            loaded = new Part(part.fileId, part.start, part.start + count);
        } catch (IOException e) {
            // Another record may be the unreadable one. The caller reads this record individually and gets its own
            // error, if any.
        }
    }
}
