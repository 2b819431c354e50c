/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

/** Does the work of cleanups, a slice of one store after a slice of another. Thread-safe. */
public interface CleanupWorker {

    /** A slice of work. */
    @FunctionalInterface
    interface Slice {
        /** Works for a while; true if there is more to do. Throws nothing. */
        boolean run();
    }

    /**
     * Sees to it that the slice is run until there is nothing more to do. May return before.
     *
     * <p>What it throws, {@link OutOfMemoryError} when no thread can be started, means that the slice will not be run.
     */
    void work(Slice slice);

    /**
     * The same, but not before this time has passed.
     *
     * @return false if it does not: a worker that works only when told to need not
     */
    default boolean workLater(Slice slice, long nanos) {
        return false;
    }

    /** Whether slices run without the caller, so that it makes sense to wait for them. */
    default boolean worksOnItsOwn() {
        return false;
    }
}
