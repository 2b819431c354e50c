/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** A history of a store from its first opening, including crashes. */
record History(Settings settings, boolean withOffsets, List<Step> steps) {

    private static final int MAX_STEPS = 120;
    private static final int MAX_SHRINKING_RUNS = 5000;

    static History random(long seed) {
        // Mixed, because Random returns similar first numbers for neighbouring seeds.
        Random random = new Random(new SplittableRandom(seed).nextLong());
        Settings settings = Settings.random(random);
        boolean withOffsets = random.nextInt(4) > 0;
        List<Step> steps = new ArrayList<>();
        int count = 10 + random.nextInt(MAX_STEPS - 10);
        for (int i = 0; i < count; i++) {
            steps.add(Step.random(random));
        }
        return new History(settings, withOffsets, steps);
    }

    /** Runs the history; throws if the store misbehaves. Returns the outcomes. */
    Map<Outcome, Long> run() throws IOException {
        Run run = new Run();
        for (Step step : steps) {
            run.take(step);
        }
        run.end();
        return run.store.oracle().outcomes();
    }

    /** One run of the history. */
    private final class Run {

        private CrashingStore store = CrashingStore.fresh(settings);
        private long offset;

        /** The crash that happens when the calls are counted down. */
        private Step crash = new Step(Step.Kind.KILL, "", 0, 0);

        Run() throws IOException {
            open();
        }

        void take(Step step) throws IOException {
            if (!step.isCrash()) {
                step.doTo(store, withOffsets, ++offset);
            } else if (step.amount() == 0) {
                crash = step;
                store = crashed();
            } else {
                crash = step;
                store.calls().stopIn(step.amount());
            }
            open();
        }

        void end() throws IOException {
            store.check();
            open();
            store.close();
            open();
        }

        /** Continues from life to life until a store is open. */
        private void open() throws IOException {
            while (!store.isOpen()) {
                if (store.calls().stopped()) {
                    store = crashed();
                } else if (store.refused()) {
                    store = store.wiped(store.settings());
                } else if (store.wasOpen()) {
                    store = store.killed(store.settings());
                }
                store.open();
            }
        }

        private CrashingStore crashed() {
            Random luck = new Random(crash.luck());
            Settings next = store.settings().next(luck);
            if (crash.kind() == Step.Kind.KILL) {
                return store.killed(next);
            }
            int survivor = luck.nextInt(store.index().survivors());
            return store.powerFailed(store.storage().crash(luck.nextLong()), survivor, next);
        }
    }

    /** Returns a shorter history that still fails. */
    History shrunk() {
        History smallest = this;
        int runs = 0;
        for (int chunk = Math.max(1, steps.size() / 2); chunk > 0; chunk /= 2) {
            for (int from = 0; from < smallest.steps.size() && runs < MAX_SHRINKING_RUNS; runs++) {
                History smaller = smallest.without(from, Math.min(smallest.steps.size(), from + chunk));
                if (smaller.fails()) {
                    smallest = smaller;
                } else {
                    from += chunk;
                }
            }
        }
        return smallest;
    }

    private History without(int from, int to) {
        List<Step> fewer = new ArrayList<>(steps.subList(0, from));
        fewer.addAll(steps.subList(to, steps.size()));
        return new History(settings, withOffsets, fewer);
    }

    private boolean fails() {
        try {
            run();
            return false;
        } catch (IOException | RuntimeException | AssertionError e) {
            return true;
        }
    }

    @Override
    public String toString() {
        return settings + (withOffsets ? ", offsets" : ", no offsets") + "\n  "
                + steps.stream().map(Step::toString).collect(Collectors.joining("\n  "));
    }
}
