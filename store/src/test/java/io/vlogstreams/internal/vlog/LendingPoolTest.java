/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LendingPoolTest {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger made = new AtomicInteger();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void nothingIsMadeBeforeItIsNeededAndOneThingIsEnoughForOneUserAtATime() {
        LendingPool<Integer> pool = new LendingPool<>(3, made::incrementAndGet);
        assertThat(pool.size()).isZero();
        for (int i = 0; i < 10; i++) {
            try (LendingPool<Integer>.Loan loan = pool.borrow()) {
                assertThat(loan.get()).isEqualTo(1);
            }
        }
        assertThat(pool.size()).isEqualTo(1);
    }

    @Test
    void aThingHasOneUserAtATimeAndThereAreNeverMoreThanTheLimit() throws Exception {
        LendingPool<AtomicBoolean> pool = new LendingPool<>(3, () -> {
            made.incrementAndGet();
            return new AtomicBoolean();
        });
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            users.add(threads.submit(() -> {
                for (int n = 0; n < 2000; n++) {
                    try (LendingPool<AtomicBoolean>.Loan loan = pool.borrow()) {
                        assertThat(loan.get().getAndSet(true)).as("in use").isFalse();
                        loan.get().set(false);
                    }
                }
            }));
        }
        for (Future<?> user : users) {
            user.get();
        }
        assertThat(made).hasValueBetween(1, 3);
        assertThat(pool.size()).isEqualTo(made.get());
    }

    @Test
    void aUserThatFindsNoneWaitsForOneWhateverInterruptsIt() throws Exception {
        LendingPool<Integer> pool = new LendingPool<>(1, made::incrementAndGet);
        LendingPool<Integer>.Loan first = pool.borrow();
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread waiting = new Thread(() -> {
            try (LendingPool<Integer>.Loan loan = pool.borrow()) {
                assertThat(loan.get()).isEqualTo(1);
            }
            interrupted.set(Thread.interrupted());
        });
        waiting.start();
        Awaitility.await().until(() -> waiting.getState() == Thread.State.WAITING);
        waiting.interrupt();
        first.close();
        waiting.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(waiting.isAlive()).isFalse();
        assertThat(interrupted).isTrue();
    }

    @Test
    void aUserWaitsWhenAnotherThingCannotBeMade() throws Exception {
        LendingPool<Integer> pool = new LendingPool<>(5, () -> made.incrementAndGet() == 1 ? 1 : null);
        LendingPool<Integer>.Loan first = pool.borrow();
        Future<Integer> second = threads.submit(() -> {
            try (LendingPool<Integer>.Loan loan = pool.borrow()) {
                return loan.get();
            }
        });
        Awaitility.await().until(() -> made.get() > 1);
        assertThat(second).isNotDone();
        first.close();
        assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void withoutAnyThereIsNothingToWaitFor() {
        assertThat(new LendingPool<Integer>(5, () -> null).borrow()).isNull();
    }
}
