/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

/**
 * The formats of values, which the layer above defines. New values have the current tag; older ones are converted to
 * the current format when they are read. Thread-safe.
 */
public interface ValueFormats {

    /** Returns the tag of new values, 0 to 3. */
    int currentTag();

    /** Converts a value to the current format; returns the same array if it already has that format. */
    byte[] toCurrent(int formatTag, byte[] value);

    /** Encodes the meaning of all tags, for the commit point. */
    byte[] encode();
}
