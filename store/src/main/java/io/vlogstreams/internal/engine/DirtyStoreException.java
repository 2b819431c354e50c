/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import java.io.IOException;

/** The index holds writes that no commit confirmed, so under exactly-once the store must be rebuilt. */
public final class DirtyStoreException extends IOException {

    private static final long serialVersionUID = 1L;

    public DirtyStoreException(String message) {
        super(message);
    }
}
