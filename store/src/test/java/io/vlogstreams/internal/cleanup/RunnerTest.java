/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.cleanup.Runner.Next;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RunnerTest {

    private final CleanupTally tally = new CleanupTally();
    private final FakeWorker worker = new FakeWorker();
    private final List<Next> answers = new ArrayList<>();
    private int slices;
    private Throwable failure;
    private Runnable meanwhile = () -> {};
    private final Runner runner = new Runner(worker, this::slice, failures(), failures());

    /** Accepts slices and timers, or throws. */
    private static final class FakeWorker implements CleanupWorker {

        private final List<Slice> taken = new ArrayList<>();
        private final List<Slice> later = new ArrayList<>();
        private final List<Long> pausesMs = new ArrayList<>();
        private Throwable refusal;
        private boolean takesAllTheSame;

        @Override
        public void work(Slice slice) {
            if (refusal == null || takesAllTheSame) {
                taken.add(slice);
            }
            refuse();
        }

        @Override
        public boolean workLater(Slice slice, long nanos) {
            refuse();
            pausesMs.add(nanos / 1_000_000);
            later.add(slice);
            return true;
        }

        private void refuse() {
            if (refusal != null) {
                throw RunnerTest.<RuntimeException>any(refusal);
            }
        }

        /** Runs the accepted slices to their end. */
        void run() {
            List<Slice> now = List.copyOf(taken);
            taken.clear();
            now.forEach(slice -> {
                while (slice.run()) {
                    // Until there is nothing to do.
                }
            });
        }

        void timeIsUp() {
            List<Slice> now = List.copyOf(later);
            later.clear();
            now.forEach(CleanupWorker.Slice::run);
        }
    }

    private Failures failures() {
        return new Failures("store", "testing", tally, () -> 0L);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T any(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private Next slice() throws IOException {
        slices++;
        meanwhile.run();
        if (failure != null) {
            throw RunnerTest.<RuntimeException>any(failure);
        }
        return answers.isEmpty() ? Next.NOTHING : answers.remove(0);
    }

    static Stream<Throwable> whateverIsThrown() {
        return Stream.of(
                new StackOverflowError("test"),
                new OutOfMemoryError("test"),
                new NoClassDefFoundError("test"),
                new AssertionError("test"),
                new IOException("test"),
                new IllegalStateException("test"),
                new InterruptedException("test"));
    }

    @Test
    void isHandedOverOnceUntilItHasRun() {
        runner.wake();
        runner.wake();
        assertThat(worker.taken).hasSize(1);
        worker.run();
        assertThat(slices).isEqualTo(1);
        runner.wake();
        assertThat(worker.taken).hasSize(1);
    }

    @Test
    void runsOnceMoreIfItIsWokenMeanwhile() {
        meanwhile = () -> {
            if (slices == 1) {
                runner.wake();
                runner.wake();
            }
        };
        runner.wake();
        worker.run();
        assertThat(slices).isEqualTo(2);
        assertThat(runner.isHandedOver()).isFalse();
    }

    @Test
    void goesOnAsLongAsThereIsMore() {
        answers.addAll(List.of(Next.MORE, Next.MORE, Next.NOTHING));
        runner.wake();
        worker.run();
        assertThat(slices).isEqualTo(3);
    }

    @Test
    void goesOnLaterByItselfOrWhenItIsWoken() {
        answers.addAll(List.of(Next.LATER, Next.LATER, Next.NOTHING));
        runner.wake();
        worker.run();
        assertThat(worker.pausesMs).containsExactly(100L);
        runner.wake();
        worker.run();
        assertThat(slices).isEqualTo(2);
        assertThat(worker.pausesMs).as("one timer is enough").containsExactly(100L);
        worker.timeIsUp();
        worker.run();
        assertThat(slices).isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("whateverIsThrown")
    void whateverIsThrownIsTriedAgainByItselfAfterAPause(Throwable thrown) {
        failure = thrown;
        runner.wake();
        worker.run();
        assertThat(runner.isFailing()).isTrue();
        assertThat(tally.statistics(true).failures()).isEqualTo(1);
        runner.wake();
        assertThat(worker.taken).as("not in the pause").isEmpty();
        failure = null;
        worker.timeIsUp();
        worker.run();
        assertThat(slices).isEqualTo(2);
        assertThat(runner.isFailing()).isFalse();
        runner.wake();
        worker.run();
        assertThat(slices).as("and works as before").isEqualTo(3);
    }

    @Test
    void thePauseDoublesUpToTenSeconds() {
        failure = new AssertionError("test");
        runner.wake();
        for (int i = 0; i < 10; i++) {
            worker.run();
            worker.timeIsUp();
        }
        assertThat(worker.pausesMs)
                .containsExactly(100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 10_000L, 10_000L, 10_000L);
        failure = null;
        worker.run();
        failure = new AssertionError("test");
        runner.wake();
        worker.run();
        assertThat(worker.pausesMs).endsWith(100L);
    }

    @Test
    void aReasonToTryAgainEndsThePause() {
        failure = new IOException("test");
        runner.wake();
        worker.run();
        failure = null;
        runner.wakeInPause();
        worker.run();
        assertThat(slices).isEqualTo(2);
        assertThat(runner.isFailing()).isFalse();
        worker.timeIsUp();
        worker.run();
        assertThat(slices).as("the timer does no harm").isEqualTo(3);
    }

    @Test
    void aReasonToTryAgainThatComesWhileItFailsIsNotLost() {
        failure = new IOException("test");
        meanwhile = () -> {
            if (slices == 1) {
                runner.wakeInPause();
            } else {
                failure = null;
            }
        };
        runner.wake();
        worker.run();
        assertThat(slices).isEqualTo(2);
    }

    static Stream<Throwable> refusals() {
        return Stream.of(
                new OutOfMemoryError("unable to create native thread"), new RejectedExecutionException("shut down"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aWakeForWhichNoThreadCanBeStartedIsNotTheLast(Throwable refusal) {
        worker.refusal = refusal;
        runner.wake();
        assertThat(runner.isFailing()).isTrue();
        assertThat(runner.isHandedOver()).isFalse();
        assertThat(tally.statistics(true).failures()).isEqualTo(1);
        worker.refusal = null;
        runner.wake();
        worker.run();
        assertThat(slices).isEqualTo(1);
        assertThat(runner.isFailing()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void theCallerWorksIfNoThreadCanBeStarted(Throwable refusal) {
        worker.refusal = refusal;
        answers.addAll(List.of(Next.MORE, Next.NOTHING));
        runner.wakeOrRun();
        assertThat(slices).as("a slice, and no more").isEqualTo(1);
        runner.wakeOrRun();
        assertThat(slices).isEqualTo(2);
        worker.refusal = null;
        runner.wakeOrRun();
        assertThat(slices).as("there are threads again").isEqualTo(2);
        worker.run();
        assertThat(slices).isEqualTo(3);
    }

    @Test
    void aTimerForWhichNoThreadCanBeStartedLeavesItToTheNextWake() {
        failure = new IOException("test");
        runner.wake();
        worker.refusal = new OutOfMemoryError("unable to create native thread");
        worker.run();
        worker.refusal = null;
        failure = null;
        runner.wake();
        worker.run();
        assertThat(slices).isEqualTo(2);
        assertThat(runner.isFailing()).isFalse();
    }

    /** A slice that stays in the worker's queue although it threw may run later. */
    @Test
    void thereIsOneSliceAtATimeHoweverManyWereTaken() {
        worker.refusal = new OutOfMemoryError("unable to create native thread");
        worker.takesAllTheSame = true;
        runner.wake();
        runner.wake();
        worker.refusal = null;
        runner.wake();
        assertThat(worker.taken).hasSize(3);
        CleanupWorker.Slice other = worker.taken.get(1);
        meanwhile = () -> assertThat(other.run()).isFalse();
        assertThat(worker.taken.get(0).run()).isFalse();
        assertThat(slices).isEqualTo(1);
    }

    @Test
    void closedItDoesNothing() {
        runner.wake();
        answers.add(Next.MORE);
        meanwhile = runner::close;
        worker.run();
        assertThat(slices).isEqualTo(1);
        runner.wake();
        runner.wakeInPause();
        runner.wakeOrRun();
        assertThat(worker.taken).isEmpty();
        assertThat(slices).isEqualTo(1);
    }

    /** Logging may fail, too. */
    @Test
    void aFailureThatCannotBeReportedIsTriedAgain() {
        Failures silent = new Failures("store", "testing", tally, () -> {
            throw new OutOfMemoryError("test");
        });
        Runner unreported = new Runner(worker, this::slice, silent, silent);
        failure = new OutOfMemoryError("test");
        unreported.wake();
        worker.run();
        failure = null;
        worker.timeIsUp();
        worker.run();
        assertThat(slices).isEqualTo(2);
        assertThat(unreported.isFailing()).isFalse();
    }
}
