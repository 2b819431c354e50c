/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A worker that cleans up on request of the test. For one store; any thread may wake it. */
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

    /** Lets the timers expire; returns whether there were any. */
    public boolean letTimePass() {
        boolean some = !later.isEmpty();
        waiting.addAll(later);
        later.clear();
        return some;
    }

    /** Discards pending work, as when the process is killed. */
    public void forget() {
        waiting.clear();
        later.clear();
    }

    /** Works on this thread until no work is left. */
    public void run() {
        for (Slice slice = waiting.poll(); slice != null; slice = waiting.poll()) {
            if (slice.run()) {
                waiting.add(slice);
            }
        }
    }
}
