/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

/** Cleans up when a test says so. One store; any thread wakes it. */
public final class WorkerOnDemand implements CleanupWorker {

    private volatile Slice waiting = () -> false;

    @Override
    public void work(Slice slice) {
        waiting = slice;
    }

    /** Works on this thread until there is nothing to do. */
    public void run() {
        Slice slice = waiting;
        while (slice.run()) {
            // Until there is nothing to do.
        }
    }
}
