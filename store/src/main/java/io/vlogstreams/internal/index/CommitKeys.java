/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.nio.ByteBuffer;

/**
 * The keys of the column family {@code commit}, and the values that are plain numbers.
 * <pre>
 * key                            value
 * 'c'                            the commit point, see {@link CommitPoint}
 * 'f' + VLog file id (u32)       live bytes of that file (8 bytes); absent = none
 * </pre>
 * Big-endian. Any thread.
 */
final class CommitKeys {

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
            throw new IndexException("live bytes key of " + liveBytesKey.length + " bytes, expected 5");
        }
        return Integer.toUnsignedLong(ByteBuffer.wrap(liveBytesKey).getInt(1));
    }

    static byte[] encodeBytes(long bytes) {
        return ByteBuffer.allocate(Long.BYTES).putLong(bytes).array();
    }

    static long decodeBytes(byte[] encoded) throws IndexException {
        if (encoded.length != Long.BYTES) {
            throw new IndexException("live bytes of " + encoded.length + " bytes, expected 8");
        }
        return ByteBuffer.wrap(encoded).getLong();
    }
}
