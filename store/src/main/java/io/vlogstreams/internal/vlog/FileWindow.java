/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * Reads a file through a window of fixed size, so that damaged lengths in the file cannot allocate more memory.
 *
 * <p>Not thread-safe.
 */
final class FileWindow {

    private final ReadableFile file;
    private final VLogFile info;
    private final long limit;

    /** Holds the bytes of the file from {@link #start} on, up to the buffer's limit. */
    private final ByteBuffer window;

    private long start;

    /** Reads only bytes before {@code limit}. */
    FileWindow(ReadableFile file, VLogFile info, long limit, int windowBytes) {
        this.window = ByteBuffer.allocate(windowBytes).limit(0);
        this.file = file;
        this.info = info;
        this.limit = limit;
    }

    int intAt(long position) throws IOException {
        load(position, Integer.BYTES);
        return window.getInt(index(position));
    }

    /** Fills the array with the bytes at this position. */
    void copy(long position, byte[] target) throws IOException {
        for (int done = 0; done < target.length; ) {
            int count = Math.min(load(position + done, 1), target.length - done);
            window.get(index(position + done), target, done, count);
            done += count;
        }
    }

    int crc(long position, long count) throws IOException {
        CRC32 crc = new CRC32();
        for (long done = 0; done < count; ) {
            int part = (int) Math.min(count - done, load(position + done, 1));
            crc.update(window.array(), index(position + done), part);
            done += part;
        }
        return (int) crc.getValue();
    }

    private int index(long position) {
        return (int) (position - start);
    }

    /** Loads at least these bytes into the window; returns how many it has from {@code position} on. */
    private int load(long position, int atLeast) throws IOException {
        long available = start + window.limit() - position;
        if (position >= start && available >= atLeast) {
            return (int) available;
        }
        start = position;
        window.clear().limit((int) Math.min(window.capacity(), limit - position));
        int count = file.read(window, position);
        window.position(0).limit(count);
        if (count < atLeast) {
            throw CorruptRecordException.ofNumbers(
                    info.toString(), position, "length of the file", limit, position + count);
        }
        return count;
    }
}
