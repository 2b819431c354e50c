/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.io.Serial;

/**
 * A pointer names a file that does not exist, most likely because it has just been deleted. The caller should look up
 * the key's location again. If the pointer is still the same, the file is lost.
 */
public final class FileGoneException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    FileGoneException(String file) {
        super("VLog file " + file
                + " does not exist: look up the location again; if it still names this file, the file "
                + "is lost and the store is to be rebuilt from its source");
    }
}
