/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.Serial;

/**
 * Bytes that should be a {@link ValueLocation} or a {@link ValuePointer} are not. Unchecked: the bytes come out of the
 * index, so this is damage or a newer program's data, and nothing that a caller handles in place.
 */
public final class MalformedLocationException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    MalformedLocationException(String what, String expected, String found) {
        super("Malformed " + what + ": expected " + expected + ", found " + found
                + "; the index is damaged or was written by a newer program: rebuild the store from its source");
    }
}
