/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import static io.vlogstreams.internal.engine.crash.StoreOracle.KEYS;
import static io.vlogstreams.internal.engine.crash.StoreOracle.require;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.engine.SyncPolicy;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.vlog.VLogPoisonedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs each operation of the engine with its first call to files or index failing, then its second, and so on until no
 * call fails. It must throw an {@link IOException} or succeed nevertheless, and lose nothing. Afterwards the store
 * continues to work, or refuses writes and is correct when it is reopened, after a kill or a power failure.
 */
@ExtendWith(QuietLog.class)
class FailureOfEveryCallTest {

    private static final String A = KEYS.get(0);
    private static final String B = KEYS.get(1);
    private static final String C = KEYS.get(2);
    private static final String D = KEYS.get(3);
    private static final String E = KEYS.get(4);
    private static final int MOST_OF_A_FILE = 3900;

    interface Operation {
        void run(CrashingStore store) throws IOException;
    }

    private record Named(String name, Operation before, Operation operation) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static final Operation NOTHING = store -> {};

    /** Stages writes of all kinds: with a rotation, an overwrite that makes a file obsolete, a deletion. */
    private static final Operation STAGE = store -> {
        store.put(A, 300);
        store.put(B, MOST_OF_A_FILE);
        store.put(D, -1);
        store.put(E, 5);
    };

    private static Stream<Named> operations() {
        return Stream.of(
                new Named("put inline", NOTHING, store -> store.put(C, 5)),
                new Named("put into the buffer", NOTHING, store -> store.put(C, 50)),
                new Named("put past the buffer", NOTHING, store -> store.put(C, 1000)),
                new Named("put into a new file", store -> store.put(B, 400), store -> store.put(C, MOST_OF_A_FILE)),
                new Named("delete", NOTHING, store -> store.put(A, -1)),
                new Named("put that spills", store -> store.put(B, 400), store -> {
                    for (String key : KEYS) {
                        store.put(key, 150);
                    }
                }),
                new Named("get and scan", STAGE, CrashingStore::check),
                new Named("scan that is held", STAGE, store -> {
                    store.openScan(KeyRange.ALL, false);
                    store.walk(2);
                    store.walk(10);
                }),
                new Named("commit", STAGE, store -> commit(store, 2)),
                new Named("commit of nothing but offsets", NOTHING, store -> commit(store, 2)),
                new Named(
                        "restore",
                        NOTHING,
                        store -> store.restore(
                                Map.of(A, store.newValue(MOST_OF_A_FILE), B, store.newValue(500), C, store.newValue(5)),
                                2)),
                new Named(
                        "delete obsolete files",
                        store -> {
                            store.openScan(KeyRange.ALL, true);
                            STAGE.run(store);
                            commit(store, 2);
                            store.closeScans();
                        },
                        CrashingStore::deleteObsoleteFiles),
                new Named("close", STAGE, CrashingStore::close),
                new Named("commit that relocates", SpreadRecords::stage, store -> {
                    commit(store, 2);
                    require(SpreadRecords.wasRelocated(store), "nothing was relocated");
                }),
                new Named("put that relocates, with a scan that is held", SpreadRecords::stage, store -> {
                    store.openScan(KeyRange.ALL, true);
                    commit(store, 2);
                    store.put(B, 900);
                    commit(store, 3);
                    store.closeScans();
                    store.deleteObsoleteFiles();
                }),
                new Named(
                        "deletion of relocated files, after a commit",
                        store -> {
                            store.openScan(KeyRange.ALL, true);
                            SpreadRecords.stage(store);
                            commit(store, 2);
                            store.closeScans();
                        },
                        CrashingStore::deleteObsoleteFiles),
                new Named("commit that relocates what was relocated", SpreadRecords::relocateOnce, store -> {
                    commit(store, 3);
                    store.deleteObsoleteFiles();
                }));
    }

    private static Stream<Arguments> cases() {
        return operations()
                .flatMap(operation -> Stream.of(SyncPolicy.values())
                        .flatMap(policy -> Stream.of(true, false)
                                .map(exactlyOnce -> Arguments.of(operation, policy, exactlyOnce))));
    }

    private static void commit(CrashingStore store, long offset) throws IOException {
        store.commit(Map.of(CrashingStore.CHANGELOG, offset), new byte[] {(byte) offset});
    }

    /** Creates a store with two committed keys: A in the first file, D in the second, which is active. */
    private static CrashingStore newStore(Named operation, SyncPolicy policy, boolean exactlyOnce) throws IOException {
        long maxStagedBytes = operation.name.contains("spills") ? 900 : 1 << 20;
        Settings settings = Settings.of(policy).exactlyOnce(exactlyOnce).maxStaged(maxStagedBytes);
        CrashingStore store =
                CrashingStore.fresh(operation.name.contains("relocate") ? SpreadRecords.settings(settings) : settings);
        store.open();
        store.put(A, MOST_OF_A_FILE);
        store.put(D, 500);
        commit(store, 1);
        operation.before.run(store);
        return store;
    }

    @ParameterizedTest(name = "{0}, sync policy {1}, exactly-once {2}")
    @MethodSource("cases")
    void aFailingCallOnFilesLosesNothing(Named operation, SyncPolicy policy, boolean exactlyOnce, TestReporter reporter)
            throws IOException {
        boolean failed = true;
        int call = 1;
        for (; failed; call++) {
            CrashingStore store = newStore(operation, policy, exactlyOnce);
            store.storage().failCall(call);
            failed = runAndGoOn(operation, store, "call " + call + " on files");
        }
        reporter.publishEntry(operation.name, call - 2 + " calls on files failed");
    }

    @ParameterizedTest(name = "{0}, sync policy {1}, exactly-once {2}")
    @MethodSource("cases")
    void aFailingCallOnTheIndexLosesNothing(
            Named operation, SyncPolicy policy, boolean exactlyOnce, TestReporter reporter) throws IOException {
        boolean failed = true;
        int call = 1;
        for (; failed; call++) {
            for (int luck = 0; luck < 4; luck++) {
                CrashingStore store = newStore(operation, policy, exactlyOnce);
                store.index().failCall(luck, call);
                failed = runAndGoOn(operation, store, "call " + call + " on the index, luck " + luck);
            }
        }
        reporter.publishEntry(operation.name, call - 2 + " calls on the index failed");
    }

    /** Runs the operation; returns whether the failing call was made. */
    private static boolean runAndGoOn(Named operation, CrashingStore store, String failure) throws IOException {
        SortedMap<String, Written> before = store.oracle().current();
        try {
            IOException thrown = null;
            try {
                operation.operation.run(store);
            } catch (IOException e) {
                thrown = e;
            } catch (UncheckedIOException e) {
                require(operation.name.equals("close"), "only close() may throw this");
                thrown = e.getCause();
            }
            boolean failed = store.storage().hasFailed() || store.index().hasFailed();
            store.storage().heal();
            store.index().heal();
            require(failed || thrown == null, "thrown without a failure: " + thrown);
            goOn(operation, store, before);
            return failed;
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(operation + ", " + failure + ": " + e, e);
        }
    }

    private static void goOn(Named operation, CrashingStore store, SortedMap<String, Written> before)
            throws IOException {
        if (operation.name.equals("close")) {
            require(store.storage().openFiles() == 0, "files are left open");
        } else {
            store.closeScans();
            store.settle(before);
            store.check();
            workOn(store);
        }
        Settings settings = store.settings();
        for (int survivor = 0; survivor < store.index().survivors(); survivor++) {
            reopen(store.powerFailed(store.storage().crash(survivor), survivor, settings));
            reopen(store.powerFailed(store.storage().crash(choice -> 0), survivor, settings));
            reopen(store.powerFailed(store.storage().crash(choice -> 1), survivor, settings));
        }
        reopen(store.killed(settings));
    }

    /** Checks that without reopening the store works as before, or fails every time. */
    private static void workOn(CrashingStore store) throws IOException {
        SortedMap<String, Written> before = store.oracle().current();
        try {
            store.put(E, 700);
            store.put(C, 6);
            commit(store, 5);
        } catch (IOException e) {
            // The failed sync may have been one of the cleanup, which does not fail the call that woke it.
            boolean syncFailed = e instanceof VLogPoisonedException;
            require(syncFailed || store.index().refuses(), "does not work on: " + e);
            assertThatThrownBy(() -> commit(store, 6)).isInstanceOf(IOException.class);
            store.settle(before);
            store.check();
            return;
        }
        store.check();
        require(store.engine().statistics().space().pins() == 0, "pins are left");
    }

    private static void reopen(CrashingStore next) throws IOException {
        next.open();
        if (next.isOpen()) {
            next.put(C, 100);
            commit(next, 9);
            next.check();
            CrashingStore last = next.powerFailed(next.storage().crash(choice -> 0), 0, next.settings());
            next.killed(next.settings()).open();
            last.open();
        }
    }

    @ParameterizedTest
    @EnumSource(SyncPolicy.class)
    void aFailingCallWhileOpeningLosesNothing(SyncPolicy policy, TestReporter reporter) throws IOException {
        failEveryCallOfOpening(reporter, () -> {
            CrashingStore store = newStore(new Named("", STAGE, NOTHING), policy, false);
            store.close();
            return store.killed(store.settings());
        });
    }

    /** A store that has lost its files is emptied, but emptying fails. */
    @ParameterizedTest
    @EnumSource(SyncPolicy.class)
    void aFailingCallWhileEmptyingLosesNothing(SyncPolicy policy, TestReporter reporter) throws IOException {
        failEveryCallOfOpening(reporter, () -> {
            CrashingStore store = newStore(new Named("", NOTHING, NOTHING), SyncPolicy.NONE, false);
            Settings settings = Settings.of(policy);
            int last = store.index().survivors() - 1;
            return store.powerFailed(store.storage().crash(choice -> 0), last, settings);
        });
    }

    /** Supplies a store that is not open. */
    private interface Closed {
        CrashingStore newStore() throws IOException;
    }

    private static void failEveryCallOfOpening(TestReporter reporter, Closed closed) throws IOException {
        int files = 1;
        int index = 1;
        for (boolean failed = true; failed; files++) {
            CrashingStore store = closed.newStore();
            store.storage().failCall(files);
            failed = openTwice(store);
        }
        for (boolean failed = true; failed; index++) {
            CrashingStore store = closed.newStore();
            store.index().failCall(index, index);
            failed = openTwice(store);
        }
        reporter.publishEntry("opening", files - 2 + " calls on files and " + (index - 2) + " on the index failed");
    }

    /** Opens the store twice; returns whether the failing call was made, possibly by the comparison. */
    private static boolean openTwice(CrashingStore store) throws IOException {
        try {
            store.open();
        } catch (IOException e) {
            require(store.wasOpen() || store.storage().openFiles() == 0, "files are left open");
        }
        boolean failed = store.storage().hasFailed() || store.index().hasFailed();
        store.storage().heal();
        store.index().heal();
        CrashingStore again = store.isOpen() ? store : store.killed(store.settings());
        if (!again.isOpen()) {
            again.open();
        }
        again.check();
        return failed;
    }

    /** At every size at which the disk may be full. */
    @ParameterizedTest
    @EnumSource(SyncPolicy.class)
    void aFullDiskFailsPutsAndNothingElse(SyncPolicy policy) throws IOException {
        int failures = 0;
        boolean failed = true;
        for (int room = 0; failed; room += 7) {
            CrashingStore store = newStore(new Named("", NOTHING, NOTHING), policy, false);
            SortedMap<String, Written> before = store.oracle().current();
            store.storage().limitTo(store.usedBytes() + room);
            failed = false;
            try {
                STAGE.run(store);
                commit(store, 2);
            } catch (IOException e) {
                failed = true;
                failures++;
                assertThat(e)
                        .hasMessageContaining("No space left on device")
                        .isNotInstanceOf(VLogPoisonedException.class);
            }
            store.settle(before);
            store.check();
            store.put(C, 5);
            store.check();
            store.storage().heal();
            STAGE.run(store);
            commit(store, 3);
            store.check();
            reopen(store.killed(store.settings()));
        }
        assertThat(failures).isGreaterThan(100);
    }
}
