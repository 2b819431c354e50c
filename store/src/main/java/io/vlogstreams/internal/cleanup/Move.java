/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.vlog.Separated;

/**
 * A live record that was copied to another file, and whose location has to be moved.
 *
 * @param key the key; the array must not be changed
 * @param from the location that the index had when the record was copied
 * @param to the location of the copy
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Move(byte[] key, Separated from, Separated to) {

    /** Returns the offset of the old record in its file. */
    long fromOffset() {
        return from.pointer().offset();
    }

    /** Returns the size of the copy. */
    long bytes() {
        return to.pointer().recordBytes();
    }
}
