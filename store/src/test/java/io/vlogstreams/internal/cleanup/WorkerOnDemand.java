/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Cleans up when a test says so. One store; any thread wakes it. */
public final class WorkerOnDemand implements CleanupWorker {

    private final Queue<Slice> waiting = new ConcurrentLinkedQueue<>();

    private final Queue<Slice> later = new ConcurrentLinkedQueue<>();

    @Override
    public void work(Slice slice) {
        waiting.add(slice);
    }

    @Override
    public boolean workLater(Slice slice, long nanos) {
        later.add(slice);
        return true;
    }

    /** The short while is over: what waited for it is now to be run. Whether there was something. */
    public boolean letTimePass() {
        boolean some = !later.isEmpty();
        waiting.addAll(later);
        later.clear();
        return some;
    }

    /** The process is killed: what waits is never run. */
    public void forget() {
        waiting.clear();
        later.clear();
    }

    /** Works on this thread until there is nothing to do. */
    public void run() {
        for (Slice slice = waiting.poll(); slice != null; slice = waiting.poll()) {
            if (slice.run()) {
                waiting.add(slice);
            }
        }
    }
}
