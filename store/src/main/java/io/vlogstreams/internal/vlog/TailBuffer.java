/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * The newest records, which are not in the file yet. One writer adds them and {@linkplain #begin starts anew} when they
 * have been written to the file; readers find them here meanwhile without a lock.
 *
 * <p>The array is used again and again. It is small at first, grows with what it has to hold, and is {@linkplain
 * #release given up} after a commit, so that a log to which nothing is appended has none. A {@link Window} says which
 * bytes of which file it holds now; each use has a new one. A reader copies the bytes and then looks whether the window
 * is still the one it began with. If not, the bytes may have been overwritten under its hands, but then they are in the
 * file, because a window is only replaced after that.
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

    /** The size of the next array when there is none. */
    private int firstBytes = MIN_BYTES;

    /**
     * Holds all bytes that the window says are published. A larger one has them too when it takes the place of this
     * one, and the place is empty only after the window has been replaced: readers depend on that.
     */
    private volatile ByteBuffer buffer = NONE;

    private volatile Window window = new Window(0, 0);

    TailBuffer(int capacity) {
        this.capacity = capacity;
    }

    /** Writer: forgets the bytes held, which are in their file by now, and goes on for this file at this position. */
    void begin(long fileId, long base) {
        window = new Window(fileId, base);
        // A volatile write lets later plain writes overtake it. The next record's bytes must not: a reader who sees one
        // of them has to find that its window is gone.
        VarHandle.storeStoreFence();
    }

    /** Writer: whether a record of this size can be added now. */
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
     * Writer: gives the array up if it holds nothing. The next one begins with half of its size: a log that is written
     * all the time soon has the whole of it again, and one that is not takes less each time.
     */
    void release() {
        ByteBuffer current = buffer;
        if (window.published == 0 && current.capacity() > 0) {
            firstBytes = Math.max(MIN_BYTES, current.capacity() / 2);
            buffer = NONE;
        }
    }

    /** Writer: the bytes to be written at {@link #base}. */
    ByteBuffer pending() {
        return buffer.duplicate().position(0).limit(window.published);
    }

    /** The memory that it takes. */
    int bytes() {
        return buffer.capacity();
    }

    /** Writer: the position in the file of the first byte held, or of the next one to come. */
    long base() {
        return window.base;
    }

    /**
     * Any thread: fills {@code target} if all those bytes are held. If not, and if the log reaches that far, the file
     * has them.
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
            return false; // given up meanwhile, so the file has the bytes
        }
        target.put(start, bytes, from, target.remaining());
        // Keeps the copying above from sliding below the check that follows.
        VarHandle.acquireFence();
        if (window != seen) {
            return false; // target may hold bytes of a later record, but it has not moved: the caller fills it again
        }
        target.position(target.limit());
        return true;
    }
}
