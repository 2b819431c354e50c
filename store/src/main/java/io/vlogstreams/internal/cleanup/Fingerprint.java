/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValuePointer;

/**
 * A hash of 64 bits over everything that a location says about a record in its file: offset, lengths, checksum and
 * format. The sum of the fingerprints of several records identifies the set: another set has the same sum with a
 * probability of 2<sup>-64</sup>.
 */
final class Fingerprint {

    /** An odd number without a pattern: 2<sup>64</sup> by the golden ratio. */
    private static final long STEP = 0x9E37_79B9_7F4A_7C15L;

    private Fingerprint() {}

    static long of(Separated location) {
        ValuePointer record = location.pointer();
        long mixed = mix(record.offset() + STEP);
        mixed = mix(mixed + pair(record.keyBytes(), record.valueBytes()) + STEP);
        return mix(mixed + pair(location.formatTag(), record.crc()) + STEP);
    }

    private static long pair(int high, int low) {
        return ((long) high << Integer.SIZE) | Integer.toUnsignedLong(low);
    }

    /**
     * Mixes so that every bit of the result depends on every input bit: the finalizer of MurmurHash3 (Austin Appleby,
     * public domain).
     */
    private static long mix(long bits) {
        long mixed = bits;
        mixed = (mixed ^ (mixed >>> 33)) * 0xFF51_AFD7_ED55_8CCDL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xC4CE_B9FE_1A85_EC53L;
        return mixed ^ (mixed >>> 33);
    }
}
