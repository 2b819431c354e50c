/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

/** Runs slices of work for the cleanups of stores, in turn. Thread-safe. */
public interface CleanupWorker {

    /** A slice of work. */
    @FunctionalInterface
    interface Slice {
        /** Works for a while; returns whether there is more to do. Throws nothing. */
        boolean run();
    }

    /**
     * Runs the slice repeatedly until there is no more to do. May return earlier.
     *
     * <p>If this throws, for example an {@link OutOfMemoryError} because no thread can be started, the slice will not
     * run.
     */
    void work(Slice slice);

    /**
     * The same, after this time.
     *
     * @return false if the worker does not support it, as one that works only on request
     */
    default boolean workLater(Slice slice, long nanos) {
        return false;
    }

    /** Returns whether slices run without the caller, so that waiting for them makes sense. */
    default boolean worksOnItsOwn() {
        return false;
    }
}
