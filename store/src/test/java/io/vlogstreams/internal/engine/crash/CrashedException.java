/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

/** A crash, thrown from the call in whose middle it happens. */
final class CrashedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CrashedException() {
        super("crashed, as the test wants it", null, false, false);
    }
}
