/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import org.jspecify.annotations.Nullable;

/** How large keys and values may be. Any thread. */
final class Limits {

    private Limits() {}

    /**
     * Looks at what is about to be written.
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
