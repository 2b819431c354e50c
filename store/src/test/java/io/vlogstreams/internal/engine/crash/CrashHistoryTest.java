/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random histories with crashes: after each crash the store must be exactly at an allowed commit point. {@code
 * -Dcrash.histories=100000} runs more of them; {@code -Dcrash.seed=...} runs others, or repeats a failure.
 */
@ExtendWith(QuietLog.class)
class CrashHistoryTest {

    private static final int HISTORIES = Integer.getInteger("crash.histories", 3000);
    private static final long FIRST_SEED = Long.getLong("crash.seed", 1);
    private static final int ENOUGH_FOR_EVERYTHING = 1000;

    @Test
    void afterEveryCrashTheStoreIsAtACommitPoint(TestReporter reporter) {
        Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            run(seed).forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
        }
        reporter.publishEntry(HISTORIES + " histories", outcomes.toString());
        if (HISTORIES >= ENOUGH_FOR_EVERYTHING) {
            assertThat(outcomes).as("what has happened").containsOnlyKeys(Outcome.values());
        }
    }

    private static Map<Outcome, Long> run(long seed) {
        History history = History.random(seed);
        try {
            return history.run();
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + explain(history.shrunk()), e);
        }
    }

    private static String explain(History history) {
        try {
            history.run();
            return "does not fail again";
        } catch (IOException | RuntimeException | AssertionError e) {
            return "shrunk: " + e.getMessage() + "\n" + history;
        }
    }
}
