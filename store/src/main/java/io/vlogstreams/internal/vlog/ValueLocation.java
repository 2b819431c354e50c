/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * The location of a value, as the index stores it for a key: an inline value, or a pointer.
 *
 * <pre>
 * offset  size  field
 *      0     1  meta              bit 0: set = a value pointer follows, clear = the value itself
 *                                 bits 1-2: format tag of the value's bytes, 0 in format v1
 *                                 bits 3-7: 0
 *      1     1  location version  1
 *      2     n  value pointer (25 bytes) or value (any length)
 * </pre>
 *
 * <p>Immutable by convention (the array of an {@link Inline} must not be changed).
 */
public sealed interface ValueLocation permits Inline, Separated {

    /** The highest format tag, which has two bits. */
    int MAX_FORMAT_TAG = 3;

    /** Returns the format of the value's bytes, a small number assigned by the engine. */
    int formatTag();

    /** Returns the encoded location. */
    byte[] encode();

    /**
     * Decodes a whole location; an inline value is copied.
     *
     * @throws MalformedLocationException if the bytes are not a location
     */
    static ValueLocation decode(byte[] bytes) {
        return decode(bytes, bytes.length);
    }

    /** The same for the first {@code length} bytes of a larger array. */
    static ValueLocation decode(byte[] bytes, int length) {
        return LocationLayout.decode(bytes, length);
    }
}
