/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.Serial;

/**
 * Bytes are not a valid {@link ValueLocation} or {@link ValuePointer}. Unchecked, because the bytes come from the
 * index: this is damage or data of a newer version, which a caller cannot handle locally.
 */
public final class MalformedLocationException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    MalformedLocationException(String what, String expected, String found) {
        super("Malformed " + what + ": expected " + expected + ", found " + found
                + "; the index is damaged or was written by a newer program: rebuild the store from its source");
    }
}
