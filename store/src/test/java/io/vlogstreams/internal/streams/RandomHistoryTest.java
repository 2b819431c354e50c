/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.FolderOfOpenStore;
import io.vlogstreams.internal.streams.RandomHistory.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories with random options: whatever is done to a store, it answers like a map and like Kafka's own RocksDB
 * store, and after a close, a kill or a restore it has the expected content.
 *
 * <p>The same histories in every build; {@code -Dhistories=100000 -Dseed=1} runs others, and more of them. A failure
 * prints the seed, the options and the history, shrunk to the steps that it takes.
 */
class RandomHistoryTest {

    private static final int HISTORIES = Integer.getInteger("histories", 200);
    private static final long FIRST_SEED = Long.getLong("seed", 2026_0000L);
    private static final int STEPS = 250;

    /** Kafka's own store is compared in every fourth history only, because it is slower than ours. */
    private static final int ORACLE_EVERY = 4;

    private static final int MAX_SHRINKING_RUNS = 400;

    @TempDir
    Path temp;

    private int runs;

    @Test
    void everyHistoryGivesWhatAMapAndKafkasStoreGive() throws IOException {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            List<Step> steps = RandomHistory.steps(seed, STEPS);
            Throwable failure = run(seed, steps);
            if (failure != null) {
                report(seed, steps, failure);
            }
        }
    }

    /** Runs the steps; returns the failure, or null. */
    private Throwable run(long seed, List<Step> steps) throws IOException {
        Path folder = temp.resolve("run" + runs++);
        Files.createDirectories(folder);
        RandomOptions options = RandomOptions.of(seed);
        try (RandomHistory history = new RandomHistory(folder, options, seed % ORACLE_EVERY == 0)) {
            history.run(steps);
            return null;
        } catch (RuntimeException | AssertionError | IOException e) {
            return e;
        } finally {
            FolderOfOpenStore.delete(folder);
        }
    }

    private void report(long seed, List<Step> steps, Throwable failure) throws IOException {
        // A failure that depends on threads of RocksDB may not repeat, and then cannot be shrunk.
        boolean again = run(seed, steps) != null;
        List<Step> fewer = again ? shrink(seed, steps) : steps;
        Throwable last = again ? run(seed, fewer) : null;
        String history = fewer.stream().map(Step::toString).collect(Collectors.joining("\n"));
        throw new AssertionError(
                "seed " + seed + ", options " + RandomOptions.of(seed) + ", " + fewer.size() + " of " + steps.size()
                        + " steps:\n" + history + "\n"
                        + (last == null ? "(passes when it is run again) " + failure : last),
                last == null ? failure : last);
    }

    /** Drops halves, quarters, ... single steps as long as the remaining ones still fail. */
    private List<Step> shrink(long seed, List<Step> steps) throws IOException {
        int limit = runs + MAX_SHRINKING_RUNS;
        List<Step> failing = steps;
        for (int chunk = failing.size() / 2; chunk > 0; chunk /= 2) {
            for (int from = 0; from < failing.size() && runs < limit; ) {
                List<Step> fewer = new ArrayList<>(failing);
                fewer.subList(from, Math.min(from + chunk, failing.size())).clear();
                if (run(seed, fewer) != null) {
                    failing = fewer;
                } else {
                    from += chunk;
                }
            }
        }
        return failing;
    }
}
