/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestReporter;

/**
 * An application in a separate process is killed with SIGKILL at random times, while it starts, restores or processes,
 * and started again on the state that it left. After every round its stores are compared with the committed changelogs,
 * read by an independent consumer, and with the sums of the input.
 *
 * <p>{@code -Dkill.seed} repeats the times of a run.
 */
abstract class KillLoop extends KillTest {

    private final long seed = Long.getLong("kill.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<String> protocol = new ArrayList<>();
    private TestReporter reporter;
    /** The properties of the child; set by the test. */
    Properties properties;

    KafkaLibraries kafka = KafkaLibraries.standard();
    private ChildJvm child;
    int wipes;
    long restored;
    private int kills;
    private long restoredMost;

    @BeforeEach
    void report(TestReporter testReporter) {
        reporter = testReporter;
    }

    void killAgainAndAgain(boolean exactlyOnce, int rounds) throws Exception {
        input.flow();
        try {
            start();
            child.awaitRunning(PATIENCE);
            folders().mark();
            for (int round = 1; round <= rounds; round++) {
                // After an early kill the changelog may have records that the process had no time to commit.
                sleepAtMost(1500);
                kill();
                if (random.nextInt(3) > 0) {
                    start();
                    awaitSomeMomentOfTheStart();
                    kill();
                }
                start();
                String came = comeBack();
                verify(exactlyOnce);
                protocol.add("round " + round + ": " + came);
                reporter.publishEntry("round " + round, came);
                input.flow();
            }
        } finally {
            child.close();
            reporter.publishEntry("summary", summary());
        }
    }

    private void start() {
        child = startChild(properties, kafka, "child");
    }

    private void kill() throws InterruptedException {
        kills++;
        protocol.add("kill " + kills + " in " + child.lastState());
        child.kill();
    }

    private void awaitSomeMomentOfTheStart() throws InterruptedException {
        switch (random.nextInt(3)) {
            case 0 -> sleepAtMost(4000);
            case 1 -> {
                child.awaitOr("restoring", Duration.ofSeconds(30));
                sleepAtMost(200);
            }
            default -> {
                child.awaitOr("running", Duration.ofSeconds(30));
                sleepAtMost(300);
            }
        }
    }

    private void sleepAtMost(int millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(millis));
    }

    private String comeBack() throws InterruptedException, IOException {
        ChildStart back = child.awaitRunning(PATIENCE);
        int wiped = folders().countWiped();
        wipes += wiped;
        restored += back.records();
        restoredMost = Math.max(restoredMost, back.records());
        folders().mark();
        return String.format(
                Locale.ROOT,
                "%d kills so far, running after %.1f s, restored %d records, %d bytes, in %.0f ms, %d stores wiped",
                kills,
                back.startMillis() / 1000,
                back.records(),
                back.bytes(),
                back.restoreMillis(),
                wiped);
    }

    private void verify(boolean exactlyOnce) throws InterruptedException, IOException {
        drain();
        StoreContents contents = child.dump(folder.resolve("dump"), PATIENCE);
        assertSame("changelog, " + this, contents, committed());
        if (exactlyOnce) {
            assertSame("input, " + this, contents, input.expected());
        } else {
            assertNothingIsLost(contents, input.expected());
        }
    }

    /** Checks for at-least-once: records that were processed again after a crash were counted again. */
    private void assertNothingIsLost(StoreContents contents, StoreContents expected) {
        assertThat(contents.of(NumbersTopology.TABLE)).isEqualTo(expected.of(NumbersTopology.TABLE));
        for (String store : List.of(NumbersTopology.CACHED, NumbersTopology.UNCACHED)) {
            expected.of(store)
                    .forEach((key, value) -> assertThat(
                                    contents.of(store).get(key).firstLong())
                            .as("count of %s in %s, %s", key, store, this)
                            .isGreaterThanOrEqualTo(value.firstLong()));
        }
    }

    private String summary() {
        return String.format(
                Locale.ROOT,
                "%d kills, %d store folders wiped, %d numbers, %d changelog records; records restored when it"
                        + " came back: %d in all, %d at most; seed %d",
                kills,
                wipes,
                input.numbers(),
                changelogs().records(),
                restored,
                restoredMost,
                seed);
    }

    @Override
    public String toString() {
        return "seed " + seed + ", " + protocol;
    }
}
