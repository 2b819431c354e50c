/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

/** Requests an early commit. */
public interface CommitRequest {

    /**
     * Requests a commit; returns whether one will come soon. Called repeatedly by the writing thread until it comes.
     */
    boolean make();
}
