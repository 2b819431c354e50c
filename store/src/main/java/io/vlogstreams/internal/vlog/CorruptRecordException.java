/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.io.Serial;
import java.util.HexFormat;

/**
 * A record does not match its pointer, its key or its checksum. No part of it was returned. The message has file,
 * offset, the expected and the found data, but never a value.
 */
public final class CorruptRecordException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    CorruptRecordException(String file, long offset, String field, String expected, String found) {
        super("VLog file " + file + ", record at offset " + offset + ": expected " + field + " " + expected + ", found "
                + found + "; the file or the index is damaged: rebuild the store from its source");
    }

    static CorruptRecordException ofNumbers(String file, long offset, String field, long expected, long found) {
        return new CorruptRecordException(file, offset, field, String.valueOf(expected), String.valueOf(found));
    }

    static CorruptRecordException ofChecksums(String file, long offset, String field, int expected, int found) {
        HexFormat hex = HexFormat.of();
        return new CorruptRecordException(
                file, offset, field, "0x" + hex.toHexDigits(expected), "0x" + hex.toHexDigits(found));
    }

    static CorruptRecordException ofKeys(String file, long offset, byte[] expected, byte[] found) {
        return new CorruptRecordException(file, offset, "key", KeyText.of(expected), KeyText.of(found));
    }
}
