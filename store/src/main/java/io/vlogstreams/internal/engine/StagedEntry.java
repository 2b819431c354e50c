/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.engine.StagedWrites.Version;
import java.util.Arrays;

/** A staged key and its newest version. One writer; readers on any thread. */
final class StagedEntry {

    private final byte[] key;
    private final int hash;
    private volatile Version newest;

    StagedEntry(byte[] key, int hash, Version newest) {
        this.key = key;
        this.hash = hash;
        this.newest = newest;
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
