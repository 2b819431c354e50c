/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

/** When a commit waits for the disk. */
public enum SyncPolicy {
    /** Never: a committed state survives a killed process, but not always a power failure. */
    NONE,
    /** At every commit: a committed state survives a power failure, too. */
    COMMIT
}
