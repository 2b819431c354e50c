/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

/** How a store asks for a commit before its time. */
public interface CommitRequest {

    /** Asks again and again, on the thread that writes, until it comes. Whether one is sure to come soon. */
    boolean make();
}
