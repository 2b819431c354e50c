/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * SipHash-2-4 with a result of 128 bits, after Aumasson and Bernstein.
 *
 * <p>The cache of locations keeps this hash instead of the key, and a commit trusts its answers. If two keys collided,
 * the commit would count the wrong record as obsolete, and the cleanup would eventually delete a live one. So
 * collisions must not happen by chance (with 96 bits and a million cached keys, one lookup in 10<sup>22</sup> goes
 * wrong), and users who choose keys must not be able to provoke them. That is the purpose of the secret. Each process
 * has a new one, because nothing that is derived from it is stored.
 *
 * <p>Immutable and thread-safe.
 */
public final class KeyHash {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** The secret of this process. */
    private static final KeyHash SECRET = ofRandom(new SecureRandom());

    private static final int RESULT_OF_128_BITS = 0xEE;
    private static final int SECOND_HALF = 0xDD;

    private final long secret0;
    private final long secret1;

    /** The hash of a key: 128 bits. */
    record Value(long first, long second) {}

    KeyHash(long secret0, long secret1) {
        this.secret0 = secret0;
        this.secret1 = secret1;
    }

    private static KeyHash ofRandom(SecureRandom random) {
        return new KeyHash(random.nextLong(), random.nextLong());
    }

    /** Returns a hash for a hash table in memory, with which users who choose keys cannot provoke collisions. */
    public static int ofTable(byte[] key) {
        return (int) SECRET.of(key).first();
    }

    static KeyHash secret() {
        return SECRET;
    }

    Value of(byte[] key) {
        State state = new State(secret0, secret1);
        int tail = key.length & -Long.BYTES;
        for (int i = 0; i < tail; i += Long.BYTES) {
            state.take((long) LONGS.get(key, i));
        }
        long last = (long) key.length << 56;
        for (int i = tail; i < key.length; i++) {
            last |= Byte.toUnsignedLong(key[i]) << ((i - tail) * Byte.SIZE);
        }
        state.take(last);
        return state.end();
    }

    /** Allocated on the stack once the code is compiled. */
    private static final class State {

        private long v0;
        private long v1;
        private long v2;
        private long v3;

        State(long secret0, long secret1) {
            v0 = secret0 ^ 0x736f6d6570736575L;
            v1 = secret1 ^ 0x646f72616e646f6dL ^ RESULT_OF_128_BITS;
            v2 = secret0 ^ 0x6c7967656e657261L;
            v3 = secret1 ^ 0x7465646279746573L;
        }

        void take(long word) {
            v3 ^= word;
            round();
            round();
            v0 ^= word;
        }

        Value end() {
            v2 ^= RESULT_OF_128_BITS;
            long first = half();
            v1 ^= SECOND_HALF;
            return new Value(first, half());
        }

        private long half() {
            round();
            round();
            round();
            round();
            return v0 ^ v1 ^ v2 ^ v3;
        }

        private void round() {
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32) + v3;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
        }
    }
}
