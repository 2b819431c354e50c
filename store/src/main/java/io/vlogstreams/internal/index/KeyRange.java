/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A range of keys in unsigned byte order, with an inclusive lower and an exclusive upper bound. Null means unbounded.
 *
 * <p>Immutable by convention (the arrays must not be changed); thread-safe.
 *
 * @param from the lower bound, inclusive, or null
 * @param toExclusive the upper bound, exclusive, or null
 */
@SuppressWarnings("ArrayRecordComponent") // a range is never compared or used as a map key
public record KeyRange(byte @Nullable [] from, byte @Nullable [] toExclusive) {

    public static final KeyRange ALL = new KeyRange(null, null);

    /** Returns the keys from {@code from} to {@code to}, both inclusive; null means unbounded. */
    public static KeyRange closed(byte @Nullable [] from, byte @Nullable [] to) {
        // The smallest key above `to` is `to` followed by a zero byte.
        return new KeyRange(from, to == null ? null : Arrays.copyOf(to, to.length + 1));
    }

    /** Returns the keys that start with the prefix; an empty prefix means all keys. */
    public static KeyRange prefix(byte[] prefix) {
        return new KeyRange(prefix, afterPrefix(prefix));
    }

    private static byte @Nullable [] afterPrefix(byte[] prefix) {
        int last = prefix.length - 1;
        while (last >= 0 && prefix[last] == (byte) 0xFF) {
            last--;
        }
        if (last < 0) {
            return null;
        }
        byte[] next = Arrays.copyOf(prefix, last + 1);
        next[last]++;
        return next;
    }
}
