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
 * A pool of a limited number of resources that are expensive to create or to hold. Each is lent to one user at a time.
 * A resource is created when it is first needed and then kept. A user that finds none idle waits until one is given
 * back, so the limit holds for any number of threads.
 *
 * <p>A user must not borrow a second resource from the same pool: if all are lent, that would be a deadlock.
 *
 * <p>Thread-safe. Borrowing takes no lock while a resource is idle. Waiting cannot be interrupted.
 */
final class LendingPool<T> {

    /** Creates resources. */
    @FunctionalInterface
    interface Maker<T> {

        /** Returns a new resource, or null if none can be created at present. */
        @Nullable
        T make();
    }

    private final Maker<T> maker;

    /** Each resource has its own slot, which is empty while the resource is lent. */
    private final AtomicReferenceArray<@Nullable Loan> idle;

    /** The number of slots in use. Written under {@link #changing}. */
    private volatile int made;

    /** The number of users that search with the lock held, or wait. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final ReentrantLock changing = new ReentrantLock();
    private final Condition returned = changing.newCondition();

    LendingPool(int limit, Maker<T> maker) {
        this.maker = maker;
        this.idle = new AtomicReferenceArray<>(limit);
    }

    /** A borrowed resource, to be used until it is given back. */
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

        /** Gives the resource back. Must be called exactly once. */
        @Override
        public void close() {
            idle.set(slot, this);
            // A waiting user increments the counter before it checks the slots for the last time, so one of the two
            // sees the other.
            if (waiting.get() > 0) {
                tellOneThatWaits();
            }
        }
    }

    /** Borrows a resource. Returns null only if there is none at all and none can be created. */
    @Nullable
    Loan borrow() {
        Loan found = findIdle();
        return found == null ? makeOrAwait() : found;
    }

    /** Returns the number of resources. */
    int size() {
        return made;
    }

    /** Threads start at different slots, so that each mostly finds the resource that it used before. */
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
