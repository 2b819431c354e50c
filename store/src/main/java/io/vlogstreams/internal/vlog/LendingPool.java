/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A limited number of things that cost much to make or to hold, each lent to one user at a time. A thing is made when
 * it is first needed and kept from then on. A user that finds none waits until one is given back, so there are never
 * more than the limit, however many threads there are.
 *
 * <p>A user must not borrow a second thing from the same pool while it has one: with all lent, both would wait for
 * ever.
 *
 * <p>Thread-safe. Borrowing takes no lock as long as a thing is idle. Waiting cannot be interrupted.
 */
final class LendingPool<T> {

    /** Makes a thing. */
    @FunctionalInterface
    interface Maker<T> {

        /** A new one, or null if there cannot be another one at present. */
        @Nullable
        T make();
    }

    private final Maker<T> maker;

    /** Each thing has a slot of its own, which is empty while the thing is lent. */
    private final AtomicReferenceArray<@Nullable Loan> idle;

    /** How many slots are in use. Written under {@link #changing}. */
    private volatile int made;

    /** How many users look for a thing with the lock held, or wait for one. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final ReentrantLock changing = new ReentrantLock();
    private final Condition returned = changing.newCondition();

    LendingPool(int limit, Maker<T> maker) {
        this.maker = maker;
        this.idle = new AtomicReferenceArray<>(limit);
    }

    /** One thing and the right to use it until it is given back. */
    final class Loan implements AutoCloseable {

        private final T thing;
        private final int slot;

        private Loan(T thing, int slot) {
            this.thing = thing;
            this.slot = slot;
        }

        T get() {
            return thing;
        }

        /** Gives the thing back; to be called once. */
        @Override
        public void close() {
            idle.set(slot, this);
            // A user that waits has said so before it looked at the slots for the last time, so one of the two sees the
            // other.
            if (waiting.get() > 0) {
                tellOneThatWaits();
            }
        }
    }

    /** Null only if there is none at all and none can be made. */
    @Nullable
    Loan borrow() {
        Loan found = findIdle();
        return found == null ? makeOrAwait() : found;
    }

    /** How many things there are. */
    int size() {
        return made;
    }

    /** Threads begin at different slots, so that each mostly finds the thing that it had before. */
    private @Nullable Loan findIdle() {
        int count = made;
        int slot = count == 0 ? 0 : (int) (Thread.currentThread().getId() % count);
        for (int i = 0; i < count; i++) {
            Loan found = idle.getAndSet(slot, null);
            if (found != null) {
                return found;
            }
            slot = slot + 1 == count ? 0 : slot + 1;
        }
        return null;
    }

    private @Nullable Loan makeOrAwait() {
        changing.lock();
        try {
            waiting.incrementAndGet();
            while (true) {
                Loan found = findIdle();
                if (found == null) {
                    found = makeOne();
                }
                if (found != null || made == 0) {
                    return found;
                }
                returned.awaitUninterruptibly();
            }
        } finally {
            waiting.decrementAndGet();
            changing.unlock();
        }
    }

    private @Nullable Loan makeOne() {
        int slot = made;
        T thing = slot == idle.length() ? null : maker.make();
        if (thing == null) {
            return null;
        }
        made = slot + 1;
        return new Loan(thing, slot);
    }

    private void tellOneThatWaits() {
        changing.lock();
        try {
            returned.signal();
        } finally {
            changing.unlock();
        }
    }
}
