/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * What the index stores for a key: the value itself, or where it is.
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
 * <p>Immutable, as long as nobody writes to the array of an {@link Inline}.
 */
public sealed interface ValueLocation permits Inline, Separated {

    /** The highest format tag: it has two bits. */
    int MAX_FORMAT_TAG = 3;

    /** A small number that the engine gives: which format the value's bytes have. */
    int formatTag();

    /** The bytes for the index. */
    byte[] encode();

    /**
     * Decodes a whole location; an inline value is copied.
     *
     * @throws MalformedLocationException if the bytes are not a location
     */
    static ValueLocation decode(byte[] bytes) {
        return decode(bytes, bytes.length);
    }

    /** The same of the first so many bytes of an array that is larger. */
    static ValueLocation decode(byte[] bytes, int length) {
        return LocationLayout.decode(bytes, length);
    }
}
