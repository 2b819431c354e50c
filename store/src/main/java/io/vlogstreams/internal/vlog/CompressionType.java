/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import org.jspecify.annotations.Nullable;

/** How the values in a VLog file are stored. The header of a file has the type, which applies to all of its values. */
public enum CompressionType {
    /** Uncompressed, in files of format version 1. */
    NONE(0),
    // 1 is Snappy in the original format; it is refused.
    /** Each as a {@link StoredValue}; an LZ4 block if that is smaller. */
    LZ4(2),
    /** Each as a {@link StoredValue}; a Zstandard frame if that is smaller. */
    ZSTD(3);

    private final byte headerByte;

    CompressionType(int headerByte) {
        this.headerByte = (byte) headerByte;
    }

    byte headerByte() {
        return headerByte;
    }

    /** Returns the type with that byte, or null. */
    static @Nullable CompressionType ofHeaderByte(byte headerByte) {
        for (CompressionType type : values()) {
            if (type.headerByte == headerByte) {
                return type;
            }
        }
        return null;
    }
}
