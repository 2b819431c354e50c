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
 * 'd' ...                        see {@link DeadList}
 * 'f' + VLog file id (u32)       live records of that file: bytes (8), sum of fingerprints (8); absent = none
 * </pre>
 * Big-endian, except for the number that RocksDB adds up. Thread-safe.
 */
final class CommitKeys {

    static final byte[] WRITES = {'a'};
    static final byte[] LAST_WRITE = {'b'};
    static final byte[] COMMIT_POINT = {'c'};
    static final byte[] LIVE_PREFIX = {'f'};

    private CommitKeys() {}

    static byte[] live(long fileId) {
        return ByteBuffer.allocate(1 + Integer.BYTES)
                .put(LIVE_PREFIX)
                .putInt((int) fileId)
                .array();
    }

    static long fileId(byte[] liveKey) throws IndexException {
        if (liveKey.length != 1 + Integer.BYTES) {
            throw new IndexDamagedException("key of live records of " + liveKey.length + " bytes, expected 5");
        }
        return Integer.toUnsignedLong(ByteBuffer.wrap(liveKey).getInt(1));
    }

    /** Encodes the number that a write adds to the count of writes, or sets it to. */
    static byte[] encodeCount(long count) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(count)
                .array();
    }

    static long decodeCount(byte[] encoded) throws IndexDamagedException {
        checkLength(encoded, Long.BYTES, "a count of writes");
        return ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    static byte[] encodeNumber(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    static long decodeNumber(byte[] encoded) throws IndexDamagedException {
        checkLength(encoded, Long.BYTES, "the number of the last write");
        return ByteBuffer.wrap(encoded).getLong();
    }

    static byte[] encodeLive(LiveRecords live) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(live.bytes())
                .putLong(live.fingerprints())
                .array();
    }

    static LiveRecords decodeLive(byte[] encoded) throws IndexDamagedException {
        checkLength(encoded, 2 * Long.BYTES, "live records");
        ByteBuffer fields = ByteBuffer.wrap(encoded);
        return new LiveRecords(fields.getLong(), fields.getLong());
    }

    private static void checkLength(byte[] encoded, int expected, String what) throws IndexDamagedException {
        if (encoded.length != expected) {
            throw new IndexDamagedException(what + " of " + encoded.length + " bytes, expected " + expected);
        }
    }
}
