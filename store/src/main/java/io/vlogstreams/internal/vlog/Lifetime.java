/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * How long an appended record is expected to live. What dies together should be in one file: then the file can be
 * deleted with little left in it to copy. A wrong guess costs copying, nothing else.
 */
public enum Lifetime {
    /** The key will be written again soon. */
    SHORT,
    /** Nothing speaks for that. */
    LONG
}
