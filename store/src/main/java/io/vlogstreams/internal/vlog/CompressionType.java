/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import org.jspecify.annotations.Nullable;

/** How the values in a VLog file are stored: all of one file in the same way, which its header tells. */
public enum CompressionType {
    /** As they are, in files of format version 1. */
    NONE(0),
    // 1 is Snappy's in the format's origin; it is refused.
    /** Each as a {@link StoredValue}, those that shrink as an LZ4 block. */
    LZ4(2),
    /** Each as a {@link StoredValue}, those that shrink as a Zstandard frame. */
    ZSTD(3);

    private final byte headerByte;

    CompressionType(int headerByte) {
        this.headerByte = (byte) headerByte;
    }

    byte headerByte() {
        return headerByte;
    }

    /** Nothing if there is no such type. */
    static @Nullable CompressionType ofHeaderByte(byte headerByte) {
        for (CompressionType type : values()) {
            if (type.headerByte == headerByte) {
                return type;
            }
        }
        return null;
    }
}
