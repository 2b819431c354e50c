/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The keys of the column family {@code commit}, and the values that are plain numbers.
 * <pre>
 * key                            value
 * 'a'                            how many writes the index has taken, counted by each of them (8 bytes, little-endian)
 * 'b'                            the number of the last write (8 bytes)
 * 'c'                            the commit point, see {@link CommitPoint}
 * 'f' + VLog file id (u32)       live bytes of that file (8 bytes); absent = none
 * </pre>
 * Big-endian, but for the number that RocksDB adds up. Any thread.
 */
final class CommitKeys {

    static final byte[] WRITES = {'a'};
    static final byte[] LAST_WRITE = {'b'};
    static final byte[] COMMIT_POINT = {'c'};
    static final byte[] LIVE_BYTES_PREFIX = {'f'};

    private CommitKeys() {}

    static byte[] liveBytes(long fileId) {
        return ByteBuffer.allocate(1 + Integer.BYTES)
                .put(LIVE_BYTES_PREFIX)
                .putInt((int) fileId)
                .array();
    }

    static long fileId(byte[] liveBytesKey) throws IndexException {
        if (liveBytesKey.length != 1 + Integer.BYTES) {
            throw new IndexDamagedException("live bytes key of " + liveBytesKey.length + " bytes, expected 5");
        }
        return Integer.toUnsignedLong(ByteBuffer.wrap(liveBytesKey).getInt(1));
    }

    /** What a write adds to the count of writes, or sets it to. */
    static byte[] encodeCount(long count) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(count)
                .array();
    }

    static long decodeCount(byte[] encoded) throws IndexDamagedException {
        checkLength(encoded, "a count of writes");
        return ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    static byte[] encodeBytes(long bytes) {
        return ByteBuffer.allocate(Long.BYTES).putLong(bytes).array();
    }

    static long decodeBytes(byte[] encoded) throws IndexDamagedException {
        checkLength(encoded, "live bytes");
        return ByteBuffer.wrap(encoded).getLong();
    }

    private static void checkLength(byte[] encoded, String what) throws IndexDamagedException {
        if (encoded.length != Long.BYTES) {
            throw new IndexDamagedException(what + " of " + encoded.length + " bytes, expected 8");
        }
    }
}
