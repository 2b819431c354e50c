/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a walk has read ahead of itself. When the records that it comes to stand next to each other in a sealed file, as
 * they do if the keys were put in their order, those that follow are read with the one that was asked for. As long as
 * they stand anywhere, nothing is read but what was asked for.
 *
 * <p>What is read ahead begins small, doubles when at least half of it was asked for, and begins again when less was.
 *
 * <p>One thread at a time. Takes no memory before something is read ahead, and then no more than {@link #MAX_BYTES}.
 */
public final class Neighbours {

    /** The most that is read at once: a call for each 64 KiB costs next to nothing. */
    static final int MAX_BYTES = 64 * 1024;

    /** A larger record has so much to be copied that a call of its own does not matter. */
    static final int MAX_RECORD_BYTES = 8 * 1024 + 64;

    /** What is read at first. */
    static final int FIRST_BYTES = 8 * 1024;

    /** So many records of the size that was asked for are read at least. */
    private static final int MIN_RECORDS = 4;

    /** Records are neighbours even if something stands between them, overwritten maybe, that is no larger than this. */
    static final int MAX_GAP_BYTES = 4 * 1024;

    /** A part of a file, up to but without its end. No file has the number 0. */
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

    /** What the bytes are. */
    private Part loaded = Part.NONE;

    /** How many of them were asked for. */
    private long asked;

    /** The record that was asked for last. */
    private Part last = Part.NONE;

    private int size;

    /** The bytes of the record, or null if they were not read ahead. */
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
     * Reads the record with what stands behind it, or before it on the way back, if the walk has come from its
     * neighbour; else nothing. To be asked when it was not found.
     *
     * @param file sealed, because what is read here is never looked at again
     * @param readable where the records end
     * @param scratch what to read through, with room for {@link #MAX_BYTES}
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
            // It may be another record that cannot be read. This one is read by itself now, and if it is the one its
            // reader is told.
        }
    }
}
