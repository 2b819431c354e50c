/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.vlog.Separated;

/**
 * A live record that was copied to another file, and whose location is to follow.
 *
 * @param key its key; nobody changes the array
 * @param from where the index named it when it was copied
 * @param to where the copy is
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Move(byte[] key, Separated from, Separated to) {

    /** Where the old record begins in its file. */
    long fromOffset() {
        return from.pointer().offset();
    }

    /** The size of the copy. */
    long bytes() {
        return to.pointer().recordBytes();
    }
}
