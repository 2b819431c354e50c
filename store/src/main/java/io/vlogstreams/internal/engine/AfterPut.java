/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

/** What a put has to do for the cleanup after it has released the writer's lock. */
enum AfterPut {
    NOTHING,
    WAKE,
    HELP
}
