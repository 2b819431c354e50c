/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a sealed file in large pieces as long as it is read sequentially without large gaps, so that most small reads
 * need no system call.
 *
 * <p>Not thread-safe.
 */
final class ReadAhead implements ReadableFile {

    /** Smaller than the large objects of the garbage collector. */
    static final int PIECE_BYTES = 384 * 1024;

    /** Larger reads are worth a system call, and larger gaps are not worth reading. */
    static final int LARGE_BYTES = 8 * 1024;

    private static final int SMALL_PIECE_BYTES = 4 * 1024;

    private final ReadableFile file;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES).limit(0);

    /** Allocated for the first record that is read into it. */
    private ByteBuffer scratch = ByteBuffer.allocate(0);

    /** The position of the piece in the file; the piece ends at the limit of its buffer. */
    private long start;

    ReadAhead(ReadableFile file) {
        this.file = file;
    }

    /**
     * Returns the buffer for one small record; null for a large one, which is not read ahead. The buffer is in the
     * heap: a reader that had borrowed one of the {@link TransferBuffers} could wait for ever for a second one to load
     * the piece.
     */
    @Nullable
    ByteBuffer scratchFor(long recordBytes) {
        if (recordBytes > LARGE_BYTES) {
            return null;
        }
        if (scratch.capacity() == 0) {
            scratch = ByteBuffer.allocate(LARGE_BYTES);
        }
        return scratch;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int wanted = target.remaining();
        if (wanted > LARGE_BYTES) {
            return file.read(target, position);
        }
        long end = start + piece.limit();
        if (position < start || position + wanted > end) {
            load(position, position - end < LARGE_BYTES ? PIECE_BYTES : Math.max(SMALL_PIECE_BYTES, wanted));
        }
        int offset = (int) (position - start);
        int count = Math.min(wanted, piece.limit() - offset);
        target.put(target.position(), piece, offset, count).position(target.position() + count);
        return count;
    }

    private void load(long position, int bytes) throws IOException {
        int count = 0;
        try {
            count = file.read(piece.clear().limit(bytes), position);
        } finally {
            start = position;
            piece.position(0).limit(count);
        }
    }
}
