/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import org.jspecify.annotations.Nullable;

/** The limits for keys and values. Thread-safe. */
final class Limits {

    private Limits() {}

    /**
     * Checks a key and a value before they are written.
     *
     * @throws LimitException if key or value is too large
     */
    static void check(EngineOptions options, byte[] key, byte @Nullable [] value) throws LimitException {
        check(options, "key", key.length, options.maxKeyBytes(), "vlog.key.bytes.max");
        if (value != null) {
            check(options, "value", value.length, options.maxValueBytes(), "vlog.value.bytes.max");
        }
    }

    private static void check(EngineOptions options, String what, int bytes, int maxBytes, String option)
            throws LimitException {
        if (bytes > maxBytes) {
            throw new LimitException("store " + options.storeName() + ": a " + what + " of " + bytes
                    + " bytes is larger than " + option + " = " + maxBytes + "; nothing was written");
        }
    }
}
