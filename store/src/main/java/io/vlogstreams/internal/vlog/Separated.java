/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.nio.ByteBuffer;

/**
 * A location in the VLog: a pointer to the record of the value.
 *
 * <p>Immutable.
 */
public record Separated(int formatTag, ValuePointer pointer) implements ValueLocation {

    public Separated {
        LocationLayout.checkFormatTag(formatTag);
    }

    @Override
    public byte[] encode() {
        byte[] bytes = LocationLayout.begin(true, formatTag, ValuePointer.BYTES);
        pointer.encode(ByteBuffer.wrap(bytes), LocationLayout.REST_OFFSET);
        return bytes;
    }

    @Override
    public String toString() {
        return pointer.toString();
    }
}
