/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The layout of a record: a key with its value.
 *
 * <pre>
 * offset     size  field
 *      0        4  key length
 *      4        4  value length
 *      8        n  key
 *    8+n        m  value
 *  8+n+m        4  CRC-32 (IEEE, as in zlib) of key, then value
 * </pre>
 *
 * <p>Lengths are unsigned on disk. Java's arrays are shorter, so lengths above {@link #MAX_PART_BYTES} are never
 * written, and are refused when read.
 *
 * <p>Stateless.
 */
final class RecordLayout {

    static final int KEY_LENGTH_OFFSET = 0;
    static final int VALUE_LENGTH_OFFSET = KEY_LENGTH_OFFSET + Integer.BYTES;
    static final int KEY_OFFSET = VALUE_LENGTH_OFFSET + Integer.BYTES;
    static final int CRC_BYTES = Integer.BYTES;

    /** The size of a record without its key and value, which is also the smallest record. */
    static final int OVERHEAD_BYTES = KEY_OFFSET + CRC_BYTES;

    /** The longest key and the longest value: the largest array of every JVM, less some room for a caller's header. */
    static final int MAX_PART_BYTES = Integer.MAX_VALUE - 64;

    private RecordLayout() {}

    /** Returns the size of a record, which may exceed an {@code int}. */
    static long recordBytes(long keyBytes, long valueBytes) {
        return OVERHEAD_BYTES + keyBytes + valueBytes;
    }

    static long valueOffset(int keyBytes) {
        return (long) KEY_OFFSET + keyBytes;
    }

    static long crcOffset(int keyBytes, int valueBytes) {
        return valueOffset(keyBytes) + valueBytes;
    }

    /** Throws if a length would not fit, instead of truncating it. */
    static void checkLengths(int keyBytes, int valueBytes) {
        if (keyBytes > MAX_PART_BYTES || valueBytes > MAX_PART_BYTES) {
            throw new IllegalArgumentException("A record holds a key and a value of at most " + MAX_PART_BYTES
                    + " bytes each, but here the key has " + keyBytes + " bytes and the value " + valueBytes);
        }
    }

    static int crc(byte[] key, byte[] value) {
        CRC32 crc = new CRC32();
        crc.update(key);
        crc.update(value);
        return (int) crc.getValue();
    }

    /** Writes a record at {@code start}; does not move the buffer's position. */
    static void put(ByteBuffer target, int start, byte[] key, byte[] value, int crc) {
        target.putInt(start + KEY_LENGTH_OFFSET, key.length);
        target.putInt(start + VALUE_LENGTH_OFFSET, value.length);
        target.put(start + KEY_OFFSET, key);
        target.put(start + (int) valueOffset(key.length), value);
        target.putInt(start + (int) crcOffset(key.length, value.length), crc);
    }

    /** Returns the two lengths at the start of a record. */
    static ByteBuffer lengths(byte[] key, byte[] value) {
        return ByteBuffer.allocate(KEY_OFFSET)
                .putInt(KEY_LENGTH_OFFSET, key.length)
                .putInt(VALUE_LENGTH_OFFSET, value.length);
    }

    /** Returns the checksum at the end of a record. */
    static ByteBuffer trailer(int crc) {
        return ByteBuffer.allocate(CRC_BYTES).putInt(0, crc);
    }
}
