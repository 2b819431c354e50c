/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

/**
 * The files of the index are not as they were written: bytes are damaged, files are missing, or files do not belong
 * together. A retry does not help; a new index does, if the store can be restored.
 */
public final class IndexDamagedException extends IndexException {

    private static final long serialVersionUID = 1L;

    public IndexDamagedException(String message, Throwable cause) {
        super(message, cause);
    }

    public IndexDamagedException(String message) {
        super(message);
    }
}
