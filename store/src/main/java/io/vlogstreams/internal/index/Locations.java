/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.MalformedLocationException;
import io.vlogstreams.internal.vlog.ValueLocation;
import org.jspecify.annotations.Nullable;

/** Decodes locations of the index; a malformed one is damage of the index. Thread-safe. */
final class Locations {

    private Locations() {}

    static @Nullable ValueLocation decode(byte @Nullable [] encoded) throws IndexException {
        return encoded == null ? null : decodePresent(encoded);
    }

    static ValueLocation decodePresent(byte[] encoded) throws IndexException {
        return decodePresent(encoded, encoded.length);
    }

    /** Decodes the first {@code length} bytes. */
    static ValueLocation decodePresent(byte[] encoded, int length) throws IndexException {
        try {
            return ValueLocation.decode(encoded, length);
        } catch (MalformedLocationException e) {
            throw new IndexDamagedException("the index holds a damaged location: " + e.getMessage(), e);
        }
    }
}
