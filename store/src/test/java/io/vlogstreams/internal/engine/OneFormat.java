/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

/** A single format, without conversion. */
public final class OneFormat implements ValueFormats {

    @Override
    public int currentTag() {
        return 0;
    }

    @Override
    public byte[] toCurrent(int formatTag, byte[] value) {
        return value;
    }

    @Override
    public byte[] encode() {
        return new byte[] {0};
    }
}
