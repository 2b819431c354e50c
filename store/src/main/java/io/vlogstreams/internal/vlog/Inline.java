/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.util.Arrays;

/**
 * A location that is the value itself, which is too small to be separated from its key.
 *
 * <p>Immutable by convention: the array must not be changed by callers.
 */
@SuppressWarnings("ArrayRecordComponent") // equality is defined below, and a copy per access would cost too much
public record Inline(int formatTag, byte[] value) implements ValueLocation {

    public Inline {
        LocationLayout.checkFormatTag(formatTag);
    }

    @Override
    public byte[] encode() {
        byte[] bytes = LocationLayout.begin(false, formatTag, value.length);
        System.arraycopy(value, 0, bytes, LocationLayout.REST_OFFSET, value.length);
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Inline that && formatTag == that.formatTag && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * formatTag + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return "inline +" + value.length;
    }
}
