/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import java.io.IOException;

/** Bytes that a committed location names are missing or damaged; the message names file and offset. */
public final class StoreDamagedException extends IOException {

    private static final long serialVersionUID = 1L;

    public StoreDamagedException(String message, Throwable cause) {
        super(message, cause);
    }
}
