/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * A buffer of the newest records of an active file, which are not in the file yet. One writer adds records, and
 * {@linkplain #begin starts again} when they have been written to the file. Readers find them here without a lock.
 *
 * <p>The array is reused. It starts small, grows as needed, and is {@linkplain #release released} after a commit, so
 * that an idle log has none. A {@link Window} says which bytes of which file the array holds; each reuse has a new
 * window. A reader copies bytes and then checks that the window is still the same. If it is not, the bytes may have
 * been overwritten during the copy, but then they are in the file, because a window is replaced only after that.
 *
 * <p>Thread-safe for one writer and any number of readers.
 */
final class TailBuffer {

    /** The buffer's first byte is the one at {@code base} of the file; {@code published} bytes are filled. */
    private static final class Window {
        final long fileId;
        final long base;
        volatile int published;

        Window(long fileId, long base) {
            this.fileId = fileId;
            this.base = base;
        }

        boolean holds(long file, long position, int count) {
            return file == fileId && position >= base && position - base <= published - (long) count;
        }
    }

    private static final int MIN_BYTES = 4096;

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final int capacity;

    /** The size of the next array if there is none. */
    private int firstBytes = MIN_BYTES;

    /**
     * Holds all published bytes of the window. A larger array has them too before it replaces this one, and the array
     * is released only after the window has been replaced. Readers depend on that.
     */
    private volatile ByteBuffer buffer = NONE;

    private volatile Window window = new Window(0, 0);

    TailBuffer(int capacity) {
        this.capacity = capacity;
    }

    /** Writer: discards the bytes, which are in their file by now, and continues with this file at this position. */
    void begin(long fileId, long base) {
        window = new Window(fileId, base);
        // Plain writes may be reordered before a volatile write. The bytes of the next record must not: a reader that
        // sees one of them has to find its window replaced.
        VarHandle.storeStoreFence();
    }

    /** Writer: returns whether a record of this size can be added now. */
    boolean hasRoomFor(long recordBytes) {
        return recordBytes <= capacity - window.published;
    }

    /** Writer: adds a record for which there is room. */
    void add(byte[] key, byte[] value, int crc) {
        Window current = window;
        int start = current.published;
        int end = start + (int) RecordLayout.recordBytes(key.length, value.length);
        RecordLayout.put(withRoomUpTo(end, start), start, key, value, crc);
        current.published = end;
    }

    private ByteBuffer withRoomUpTo(int end, int filled) {
        ByteBuffer current = buffer;
        if (end <= current.capacity()) {
            return current;
        }
        long wanted = Math.max(firstBytes, 2L * current.capacity());
        ByteBuffer larger = ByteBuffer.allocate((int) Math.max(end, Math.min(wanted, capacity)));
        larger.put(0, current, 0, filled);
        buffer = larger;
        return larger;
    }

    /**
     * Writer: releases the array if it is empty. The next one starts with half of its size: a busy log soon has the
     * full size again, and a quiet one takes less each time.
     */
    void release() {
        ByteBuffer current = buffer;
        if (window.published == 0 && current.capacity() > 0) {
            firstBytes = Math.max(MIN_BYTES, current.capacity() / 2);
            buffer = NONE;
        }
    }

    /** Writer: returns the bytes to be written at {@link #base}. */
    ByteBuffer pending() {
        return buffer.duplicate().position(0).limit(window.published);
    }

    /** Returns the memory of the buffer. */
    int bytes() {
        return buffer.capacity();
    }

    /** Writer: returns the position in the file of the first byte held or, if there is none, of the next one. */
    long base() {
        return window.base;
    }

    /**
     * Any thread: fills {@code target} if the buffer holds all of these bytes. Otherwise the file has them, if they are
     * part of the log.
     */
    boolean read(long fileId, long position, ByteBuffer target) {
        Window seen = window;
        if (!seen.holds(fileId, position, target.remaining())) {
            return false;
        }
        ByteBuffer bytes = buffer;
        int from = (int) (position - seen.base);
        int start = target.position();
        if (bytes.capacity() - from < target.remaining()) {
            return false; // released meanwhile, so the file has the bytes
        }
        target.put(start, bytes, from, target.remaining());
        // Keeps the copy above from being reordered after the check below.
        VarHandle.acquireFence();
        if (window != seen) {
            return false; // target may hold other bytes, but its position is unchanged: the caller fills it again
        }
        target.position(target.limit());
        return true;
    }
}
