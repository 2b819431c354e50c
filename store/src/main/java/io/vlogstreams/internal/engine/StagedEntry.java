/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.engine.StagedWrites.Version;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;

/** A staged key and its newest version. One writer; readers on any thread. */
final class StagedEntry {

    /** The order of the index. The first bytes are compared first, because they are here and the key is somewhere else. */
    static final Comparator<StagedEntry> IN_KEY_ORDER = (a, b) -> {
        int first = Long.compareUnsigned(a.firstBytes, b.firstBytes);
        return first != 0 ? first : Arrays.compareUnsigned(a.key, b.key);
    };

    private final byte[] key;
    private final int hash;
    private final long firstBytes;
    private volatile Version newest;

    StagedEntry(byte[] key, int hash, Version newest) {
        this.key = key;
        this.hash = hash;
        this.firstBytes = firstBytes(key);
        this.newest = newest;
    }

    private static long firstBytes(byte[] key) {
        return ByteBuffer.wrap(key.length >= Long.BYTES ? key : Arrays.copyOf(key, Long.BYTES))
                .getLong();
    }

    byte[] key() {
        return key;
    }

    int hash() {
        return hash;
    }

    boolean isOf(byte[] otherKey, int otherHash) {
        return hash == otherHash && Arrays.equals(key, otherKey);
    }

    Version newest() {
        return newest;
    }

    void set(Version version) {
        newest = version;
    }
}
