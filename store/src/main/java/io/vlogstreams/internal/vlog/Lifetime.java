/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * The expected lifetime of an appended record. Records that die together should be in one file, which can then be
 * deleted with few live records to copy. A wrong guess only costs copying.
 */
public enum Lifetime {
    /** The key will be written again soon. */
    SHORT,
    /** All other keys. */
    LONG
}
