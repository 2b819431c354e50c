/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

/**
 * Counts the calls with which a store changes files or index, and crashes in the chosen one. For one thread.
 */
final class Calls {

    private static final long NEVER = -1;

    private long left = NEVER;
    private long made;
    private boolean stopped;
    private AssertionError violation;

    /** Crashes in the n-th call from now, after which no call has an effect; 1 is the next one. */
    void stopIn(long n) {
        left = n;
    }

    /** Returns the number of calls until the crash, for the next process; negative if none is due. */
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

    /** Runs a check in the middle of a call. Its failure is kept, because the store may catch it. */
    void check(Runnable check) {
        try {
            check.run();
        } catch (AssertionError e) {
            violation = violation == null ? e : violation;
            throw e;
        }
    }

    /** Throws the failure of a check, if any. */
    void throwViolation() {
        if (violation != null) {
            throw new AssertionError(violation.getMessage(), violation);
        }
    }

    /** Called before each call. */
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
