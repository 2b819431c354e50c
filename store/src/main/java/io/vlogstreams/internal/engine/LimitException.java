/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import java.io.IOException;

/** A key or value is larger than the store allows; nothing was written. */
public final class LimitException extends IOException {

    private static final long serialVersionUID = 1L;

    public LimitException(String message) {
        super(message);
    }
}
