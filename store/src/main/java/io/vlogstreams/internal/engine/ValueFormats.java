/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

/**
 * What the bytes of a value mean to the layer above, as far as the engine must know: new values carry the current tag,
 * older ones are brought to the current format when they are read. Any thread.
 */
public interface ValueFormats {

    /** The tag that new values get, 0 to 3. */
    int currentTag();

    /** The value in the current format; the array itself if it is in that format. */
    byte[] toCurrent(int formatTag, byte[] value);

    /** What the commit point keeps, to tell a later opening what each tag means. */
    byte[] encode();
}
