/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import static io.vlogstreams.internal.engine.crash.StoreOracle.KEYS;
import static io.vlogstreams.internal.engine.crash.StoreOracle.require;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.engine.SyncPolicy;
import io.vlogstreams.internal.vlog.FaultyStorage;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Short traces, and every state that a power failure or a kill can leave of them: between every two changes of files or
 * index, every state of the index since its last sync, with every subset of the unsynced names and writes, and half of
 * the last write to a file. The store is opened, compared and written to, and crashes again.
 */
@ExtendWith(QuietLog.class)
class ExhaustiveCrashTest {

    private static final String A = KEYS.get(0);
    private static final String B = KEYS.get(1);
    private static final String C = KEYS.get(2);
    private static final String D = KEYS.get(3);
    private static final int MOST_OF_A_FILE = 3900;

    /** A short trace; at its start the store is open, and its files and index are durable. */
    interface Trace {
        void run(CrashingStore store) throws IOException;
    }

    private record Named(String name, Trace before, Trace trace) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static final Trace NOTHING = store -> {};

    private static final Trace ONE_FILE = store -> {
        store.put(A, MOST_OF_A_FILE);
        store.put(C, 5);
        commit(store, 1);
    };

    private static Stream<Named> traces() {
        return Stream.of(
                new Named("first commit", NOTHING, store -> {
                    store.put(A, 300);
                    store.put(B, 5);
                    commit(store, 1);
                }),
                new Named("commit", ONE_FILE, store -> {
                    store.put(B, 50);
                    store.put(C, -1);
                    commit(store, 2);
                }),
                new Named("two commits", ONE_FILE, store -> {
                    store.put(B, 50);
                    commit(store, 2);
                    store.put(B, 60);
                    commit(store, 3);
                }),
                new Named("rotation and commit", ONE_FILE, store -> {
                    store.put(B, 300);
                    commit(store, 2);
                }),
                new Named("commit, rotation, commit", ONE_FILE, store -> {
                    store.put(B, 50);
                    commit(store, 2);
                    store.put(D, 300);
                    commit(store, 3);
                }),
                new Named("overwrite, commit, deletion of the obsolete file", ONE_FILE, store -> {
                    store.put(A, 300);
                    commit(store, 2);
                    store.deleteObsoleteFiles();
                }),
                new Named("deletion, then a new file", ONE_FILE, store -> {
                    store.put(A, MOST_OF_A_FILE);
                    commit(store, 2);
                    store.put(B, 300);
                    commit(store, 3);
                }),
                new Named("spill and commit", ONE_FILE, store -> {
                    store.put(B, 300);
                    store.put(C, 7);
                    store.put(D, 8);
                    store.put(A, -1);
                    commit(store, 2);
                }),
                new Named("restore", ONE_FILE, store -> {
                    store.restore(Map.of(A, store.newValue(300), B, store.newValue(20)), 2);
                    store.restore(Map.of(B, store.newValue(40)), 3);
                }),
                new Named("close", ONE_FILE, store -> {
                    store.put(B, 300);
                    store.close();
                }),
                new Named("commit that relocates", SpreadRecords::stageAndCommitHalf, store -> {
                    SpreadRecords.stageTheRest(store);
                    commit(store, 2);
                    require(SpreadRecords.wasRelocated(store), "nothing was relocated");
                }),
                new Named("commit that relocates, put, commit", SpreadRecords::stageAndCommitHalf, store -> {
                    SpreadRecords.stageTheRest(store);
                    commit(store, 2);
                    store.put(C, 40);
                    commit(store, 3);
                }),
                new Named("first append over leftovers", ExhaustiveCrashTest::leaveFiles, store -> {
                    store.put(B, 300);
                    commit(store, 2);
                    store.deleteObsoleteFiles();
                }),
                new Named("first append over a torn file", ExhaustiveCrashTest::leaveTornFile, store -> {
                    store.put(B, 300);
                    commit(store, 2);
                    store.deleteObsoleteFiles();
                }));
    }

    private static void leaveFiles(CrashingStore store) throws IOException {
        ONE_FILE.run(store);
        store.put(B, MOST_OF_A_FILE);
        store.put(D, 300);
    }

    private static void leaveTornFile(CrashingStore store) throws IOException {
        ONE_FILE.run(store);
        store.storage().put("00000000000000000002.vlog", new byte[] {0x56, 0x4C, 0x4F, 0x47, 0, 1, 0});
    }

    private static void commit(CrashingStore store, long offset) throws IOException {
        store.commit(Map.of(CrashingStore.CHANGELOG, offset), new byte[] {(byte) offset});
    }

    private static Stream<Arguments> cases() {
        return traces().flatMap(trace -> Stream.of(SyncPolicy.values())
                .flatMap(
                        policy -> Stream.of(true, false).map(exactlyOnce -> Arguments.of(trace, policy, exactlyOnce))));
    }

    @ParameterizedTest(name = "{0}, sync policy {1}, exactly-once {2}")
    @MethodSource("cases")
    void everythingThatACrashCanLeaveIsACommitPoint(
            Named trace, SyncPolicy policy, boolean exactlyOnce, TestReporter reporter) throws IOException {
        // A buffer for whole records, so that there are few writes and not too many combinations.
        Settings settings = Settings.of(policy)
                .exactlyOnce(exactlyOnce)
                .buffer(5000)
                .maxStaged(trace.name.startsWith("spill") ? 400 : 1 << 20);
        if (trace.name.contains("relocates")) {
            settings = SpreadRecords.settings(settings);
        }
        int crashes = 0;
        for (int call = 1; ; call++) {
            Run run = new Run(trace, settings);
            boolean stopped = run.upTo(call);
            crashes += run.crashEveryWay();
            if (!stopped) {
                break;
            }
        }
        reporter.publishEntry(trace + ", " + policy, crashes + " crashes");
        assertThat(crashes).isGreaterThan(1);
    }

    /** A trace up to one of its calls. */
    private static final class Run {

        private final Settings settings;
        private final Named trace;
        private CrashingStore store;

        Run(Named trace, Settings settings) throws IOException {
            this.trace = trace;
            this.settings = settings;
            store = CrashingStore.fresh(settings);
            store.open();
            trace.before.run(store);
            // Everything becomes durable; staged writes are lost.
            store = store.powerFailed(
                    store.storage().crash(choice -> 1), store.index().survivors() - 1, settings);
            store.open();
        }

        /** Runs the trace up to this call; returns whether it crashed there. */
        boolean upTo(int call) throws IOException {
            store.calls().stopIn(call);
            try {
                trace.trace.run(store);
            } catch (CrashedException e) {
                // as intended
            }
            return store.calls().stopped();
        }

        int crashEveryWay() throws IOException {
            int crashes = 0;
            for (int survivor = 0; survivor < store.index().survivors(); survivor++) {
                EveryChoice choices = new EveryChoice();
                do {
                    FaultyStorage left = store.storage().crash(choices);
                    goOn(
                            store.powerFailed(left, survivor, settings),
                            "index survivor " + survivor + ", files " + choices);
                    crashes++;
                } while (choices.next());
            }
            goOn(store.killed(settings), "killed");
            return crashes + 1;
        }

        /** Opens the surviving state, writes, and simulates another power failure that loses all unsynced data. */
        private void goOn(CrashingStore next, String how) throws IOException {
            try {
                next.calls().stopIn(-1);
                next.open();
                if (next.isOpen()) {
                    next.put(D, MOST_OF_A_FILE);
                    next.put(B, 10);
                    commit(next, 9);
                    next.check();
                    CrashingStore last = next.powerFailed(next.storage().crash(choice -> 0), 0, settings);
                    last.open();
                }
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError(
                        trace + ", " + how + ", after " + store.calls().made() + " calls: " + e.getMessage(), e);
            }
        }
    }
}
