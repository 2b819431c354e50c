/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Writers that wait for the thread of the cleanup. Their lock is theirs alone, so they do not keep it from its next
 * step.
 *
 * <p>Thread-safe.
 */
final class WaitingWriters {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /**
     * Waits as long as it has to, but not longer than there is time left; returns at once if it does not have to.
     *
     * @param hasTo asked at first, and again whenever {@link #lookAgain()} was called
     * @param nanosLeft the time left
     * @return false if no time is left, or the thread was interrupted
     */
    boolean await(BooleanSupplier hasTo, LongSupplier nanosLeft) {
        if (!hasTo.getAsBoolean()) {
            return true;
        }
        long left = nanosLeft.getAsLong();
        try {
            if (left <= 0 || !lock.tryLock(left, TimeUnit.NANOSECONDS)) {
                return false;
            }
            try {
                while (left > 0 && hasTo.getAsBoolean()) {
                    left = Math.min(changed.awaitNanos(left), nanosLeft.getAsLong());
                }
                return left > 0;
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What they wait for may be there. */
    void lookAgain() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
