/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A range of keys in unsigned byte order: from the first key (included) to the last (excluded); a null bound is open.
 *
 * <p>Immutable as long as its arrays are left alone; any thread.
 *
 * @param from the smallest key in the range, or null for the first key there is
 * @param toExclusive the smallest key above the range, or null when there is none
 */
@SuppressWarnings("ArrayRecordComponent") // a range is never compared or used as a map key
public record KeyRange(byte @Nullable [] from, byte @Nullable [] toExclusive) {

    public static final KeyRange ALL = new KeyRange(null, null);

    /** The keys from {@code from} to {@code to}, both included; null is an open end. */
    public static KeyRange closed(byte @Nullable [] from, byte @Nullable [] to) {
        // The smallest key above `to` is `to` followed by a zero byte.
        return new KeyRange(from, to == null ? null : Arrays.copyOf(to, to.length + 1));
    }

    /** The keys that start with the prefix; an empty prefix is every key. */
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
