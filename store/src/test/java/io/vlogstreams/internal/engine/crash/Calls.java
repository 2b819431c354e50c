/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

/**
 * Counts the calls by which a store changes files or index, and ends the world in the one that was asked for. One
 * thread.
 */
final class Calls {

    private static final long NEVER = -1;

    private long left = NEVER;
    private long made;
    private boolean stopped;
    private AssertionError violation;

    /** The n-th call from now does not come to its end, and nothing comes after it; 1 is the next one. */
    void stopIn(long n) {
        left = n;
    }

    /** Calls until the stop that was asked for, to be handed on to the next life; negative if none was. */
    long left() {
        return left;
    }

    long made() {
        return made;
    }

    boolean stopped() {
        return stopped;
    }

    boolean stopsInNext() {
        return left == 1;
    }

    /** A check in the middle of a call. The store may catch what it throws, as cleanup does, so it is remembered. */
    void check(Runnable check) {
        try {
            check.run();
        } catch (AssertionError e) {
            violation = violation == null ? e : violation;
            throw e;
        }
    }

    /** Throws what a check found. */
    void throwViolation() {
        if (violation != null) {
            throw new AssertionError(violation.getMessage(), violation);
        }
    }

    /** Before each call. */
    void next() {
        if (left > 0) {
            left--;
            stopped = left == 0;
        }
        if (stopped) {
            throw new CrashedException();
        }
        made++;
    }
}
