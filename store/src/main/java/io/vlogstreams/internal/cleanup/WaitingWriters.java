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
 * Lets writers wait for the cleanup. It has its own lock, so waiting writers do not delay the next step.
 *
 * <p>Thread-safe.
 */
final class WaitingWriters {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /**
     * Waits while the condition is true, but at most the time left.
     *
     * @param hasTo the condition, checked first and after each {@link #lookAgain()}
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

    /** Lets waiting writers check their condition again. */
    void lookAgain() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
