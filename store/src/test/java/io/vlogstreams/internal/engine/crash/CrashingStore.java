/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import static io.vlogstreams.internal.engine.crash.StoreOracle.bytes;
import static io.vlogstreams.internal.engine.crash.StoreOracle.require;

import io.vlogstreams.internal.cleanup.CleanupWorker;
import io.vlogstreams.internal.engine.DirtyStoreException;
import io.vlogstreams.internal.engine.OneFormat;
import io.vlogstreams.internal.engine.StoreDamagedException;
import io.vlogstreams.internal.engine.StoreEngine;
import io.vlogstreams.internal.engine.StoreScan;
import io.vlogstreams.internal.engine.SyncPolicy;
import io.vlogstreams.internal.engine.Write;
import io.vlogstreams.internal.index.CachedLocationIndex;
import io.vlogstreams.internal.index.CrashableIndex;
import io.vlogstreams.internal.index.CrashableIndex.Operation;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.FaultyStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One life of a store, from its opening to its close or a crash, with the oracle for its expected content.
 * {@link #killed}, {@link #powerFailed} and {@link #wiped} return the next life.
 *
 * <p>For one thread.
 */
final class CrashingStore {

    static final String CHANGELOG = "app-store-changelog-0";

    private static final Set<Operation> CHANGES = EnumSet.of(Operation.WRITE, Operation.SYNC, Operation.CLEAR);

    private final Settings settings;
    private final FaultyStorage storage;
    private final WatchedStorage files;
    private final CrashableIndex index;
    private final Calls calls;
    private final StoreOracle oracle;
    private final List<OpenScan> scans = new ArrayList<>();
    private StoreEngine engine;
    private boolean wasOpen;
    private boolean refused;
    private boolean unusable;
    private int lastNumber;

    private record OpenScan(StoreScan scan, List<Map.Entry<String, Written>> rest) {}

    private CrashingStore(
            Settings settings,
            WatchedStorage files,
            CrashableIndex index,
            Calls calls,
            StoreOracle oracle,
            int lastNumber) {
        this.settings = settings;
        this.storage = files.storage();
        this.files = files;
        this.index = index;
        this.calls = calls;
        this.oracle = oracle;
        this.lastNumber = lastNumber;
        index.beforeCall(operation -> {
            if (CHANGES.contains(operation)) {
                calls.next();
            }
        });
        index.afterWrite(number -> calls.check(() -> oracle.indexWritten(number, syncs())));
    }

    /** Creates a store that does not exist yet; it is not open, like all later lives. */
    static CrashingStore fresh(Settings settings) {
        return fresh(settings, new CrashableIndex(), new Calls(), new EnumMap<>(Outcome.class), 0);
    }

    private static CrashingStore fresh(
            Settings settings, CrashableIndex index, Calls calls, Map<Outcome, Long> outcomes, int lastNumber) {
        WatchedStorage files = WatchedStorage.empty(new FaultyStorage(), index, calls);
        StoreOracle oracle = new StoreOracle(index.number(), outcomes);
        return new CrashingStore(settings, files, index, calls, oracle, lastNumber);
    }

    /** Returns the store of the next process after a kill now. */
    CrashingStore killed(Settings nextSettings) {
        CrashableIndex nextIndex = index.kill();
        Calls nextCalls = nextCalls();
        WatchedStorage nextFiles = files.afterKill(storage.kill(), nextIndex, nextCalls);
        return new CrashingStore(nextSettings, nextFiles, nextIndex, nextCalls, new StoreOracle(oracle), lastNumber);
    }

    /**
     * Returns the store of the next process after a power failure now. May be called again, for another one.
     *
     * @param left the surviving files
     * @param survivor the surviving state of the index
     */
    CrashingStore powerFailed(FaultyStorage left, int survivor, Settings nextSettings) {
        CrashableIndex nextIndex = index.crash(survivor);
        Calls nextCalls = nextCalls();
        WatchedStorage nextFiles = files.afterPowerFailure(left, nextIndex, nextCalls);
        StoreOracle nextOracle = new StoreOracle(oracle);
        nextOracle.powerFailed();
        if (survivor < index.survivors() - 1) {
            oracle.count(Outcome.FELL_BACK_BEHIND_THE_LAST_STATE);
        }
        return new CrashingStore(nextSettings, nextFiles, nextIndex, nextCalls, nextOracle, lastNumber);
    }

    /** Returns the store of the next process after Kafka Streams has deleted the folder. */
    CrashingStore wiped(Settings nextSettings) {
        return fresh(nextSettings, index.wipe(), nextCalls(), oracle.outcomes(), lastNumber);
    }

    private Calls nextCalls() {
        Calls next = new Calls();
        next.stopIn(calls.left());
        return next;
    }

    Settings settings() {
        return settings;
    }

    FaultyStorage storage() {
        return storage;
    }

    CrashableIndex index() {
        return index;
    }

    Calls calls() {
        return calls;
    }

    StoreOracle oracle() {
        return oracle;
    }

    StoreEngine engine() {
        return engine;
    }

    boolean isOpen() {
        return engine != null && !calls.stopped();
    }

    /** Returns whether opening was rightly refused, so that the store has to be wiped. */
    boolean refused() {
        return refused;
    }

    /** Returns whether the store was opened and closed. */
    boolean wasOpen() {
        return wasOpen;
    }

    private boolean syncs() {
        return settings.syncPolicy() == SyncPolicy.COMMIT;
    }

    private Expected last() {
        return oracle.last(index.number());
    }

    /** Runs the cleanup on the thread that wakes it. */
    private void clean(CleanupWorker.Slice slice) {
        boolean before = oracle.isCleaning();
        oracle.cleaning(true);
        while (slice.run()) {
            // Until there is nothing to do.
        }
        oracle.cleaning(before);
    }

    /** An operation on the store. */
    interface Action {
        void run() throws IOException;
    }

    /** Runs an operation; a failure after the crash counts as the crash. */
    private void run(Action action) throws IOException {
        long numberBefore = index.number();
        try {
            action.run();
        } catch (IOException | RuntimeException e) {
            if (!calls.stopped()) {
                throw e;
            }
            oracle.count(Outcome.CRASHED_IN_A_CALL);
        } finally {
            calls.throwViolation();
            // Also after a failure, which may have come after the write.
            if (!calls.stopped() && index.number() != numberBefore) {
                oracle.indexed(index.number(), syncs());
            }
        }
    }

    /** Opens the store and compares its content; afterwards it is open, refused, or crashed. */
    void open() throws IOException {
        long found = index.number();
        boolean isNew = index.isNew();
        oracle.checkPromise(found);
        oracle.opens(found, settings.exactlyOnce());
        try {
            run(() -> {
                LocationIndex cached = CachedLocationIndex.over(index, settings.locationCacheBytes());
                engine =
                        StoreEngine.open(settings.engine(this::clean), settings.vlog(), files, cached, new OneFormat());
            });
        } catch (StoreDamagedException e) {
            require(oracle.mayHaveLost() && last().offsets().isEmpty(), "refused as damaged: " + e.getMessage());
            require(e.getCause().getMessage().contains("VLog file"), "names no file: " + e.getCause());
            refuse(Outcome.REFUSED_AS_DAMAGED);
        }
        if (isOpen()) {
            wasOpen = true;
            // A new store gets its first commit point.
            if (index.number() != found && !isNew) {
                boolean dirty = settings.exactlyOnce() && oracle.state(found).dirty();
                boolean restorable = !oracle.state(found).offsets().isEmpty();
                require(dirty || (oracle.mayHaveLost() && restorable), "emptied without a reason");
                oracle.count(dirty ? Outcome.EMPTIED_AS_DIRTY : Outcome.EMPTIED);
            }
            compareAsOpened();
        }
    }

    private void refuse(Outcome reason) {
        refused = true;
        oracle.count(reason);
    }

    private void compareAsOpened() throws IOException {
        require(!(last().dirty() && settings.exactlyOnce()), "is dirty, but opened");
        oracle.count(last().dirty() ? Outcome.OPENED_DIRTY : Outcome.OPENED);
        if (engine.commitPoint().tail().shortLived().fileId() != 0) {
            oracle.count(Outcome.OPENED_WITH_SHORT_LIVED);
        }
        oracle.opened(last());
        check();
        if (isOpen()) {
            oracle.accepted();
        }
    }

    void check() throws IOException {
        run(() -> oracle.checkAll(engine, index, settings.committedReads()));
    }

    /**
     * Settles the expected content after a failed operation: each key has its old or its new value, and has to keep it
     * from now on.
     */
    void settle(SortedMap<String, Written> before) throws IOException {
        SortedMap<String, Written> after = oracle.current();
        SortedMap<String, Written> settled = new TreeMap<>();
        for (String key : StoreOracle.KEYS) {
            byte[] found = engine.get(bytes(key));
            for (Written each : Arrays.asList(before.get(key), after.get(key))) {
                if (Arrays.equals(found, each == null ? null : each.bytes())) {
                    settled.put(key, each);
                }
            }
            require(settled.containsKey(key), key + " has neither value but " + StoreOracle.shown(found));
        }
        settled.values().removeIf(Objects::isNull);
        oracle.settle(settled, engine.offsets());
    }

    long usedBytes() {
        return storage.names().stream()
                .mapToLong(name -> storage.bytes(name).length)
                .sum();
    }

    Written newValue(int length) {
        return new Written(++lastNumber, length);
    }

    /** Puts a new value of this length; a negative one deletes. */
    void put(String key, int length) throws IOException {
        Written value = length < 0 ? null : newValue(length);
        if (unusable) {
            requireUnusable(() -> engine.put(bytes(key), value == null ? null : value.bytes()));
            return;
        }
        oracle.wrote(key, value);
        oracle.expect(last().offsets(), last().position(), true);
        run(() -> engine.put(bytes(key), value == null ? null : value.bytes()));
    }

    void commit(Map<String, Long> offsets, byte[] position) throws IOException {
        if (unusable) {
            requireUnusable(() -> engine.commit(offsets, position));
            return;
        }
        oracle.expect(offsets, position, false);
        run(() -> engine.commit(offsets, position));
        if (isOpen()) {
            require(last().contents().equals(oracle.current()), "not all that was staged is committed");
            require(last().offsets().equals(offsets) && !last().dirty(), "the offsets are not committed");
            run(() -> oracle.checkLiveBytes(engine, index));
        }
    }

    private static void requireUnusable(Action action) throws IOException {
        try {
            action.run();
        } catch (DirtyStoreException e) {
            return;
        }
        throw new AssertionError("written to after it became unusable");
    }

    /** Restores changelog records, as Kafka Streams does when nothing is staged. */
    void restore(Map<String, Written> values, long offset) throws IOException {
        boolean hasStaged = oracle.hasStaged(index.number());
        if (unusable || (settings.exactlyOnce() && hasStaged)) {
            return;
        }
        List<Write> writes = new ArrayList<>();
        values.forEach((key, value) -> {
            writes.add(new Write(bytes(key), new byte[] {1, 2, 3})); // older records of the same keys
        });
        values.forEach((key, value) -> {
            writes.add(new Write(bytes(key), value == null ? null : value.bytes()));
            oracle.wrote(key, value);
        });
        Map<String, Long> offsets = new HashMap<>(last().offsets());
        offsets.put(CHANGELOG, offset);
        byte[] position = last().position();
        oracle.expect(offsets, position, last().dirty());
        if (!hasStaged && !last().dirty()) {
            oracle.restored(offsets, position);
        }
        run(() -> {
            engine.restore(writes, Map.of(CHANGELOG, offset), position);
            engine.cleanUpRestored();
        });
        if (isOpen()) {
            require(last().offsets().equals(offsets), "the offset of the batch is not committed");
            require(engine.offsets().equals(offsets), "the store is not at the offset of the batch");
        }
    }

    /** Aborts the transaction, under exactly-once. */
    void rollBack() {
        if (settings.exactlyOnce()) {
            engine.rollBack(false);
            oracle.rolledBack(last());
            unusable = last().dirty();
            if (unusable) {
                oracle.count(Outcome.BECAME_UNUSABLE);
            }
        }
    }

    void deleteObsoleteFiles() throws IOException {
        oracle.cleaning(true);
        run(() -> {
            if (engine.deleteObsoleteFiles() > 0) {
                oracle.count(Outcome.FILES_DELETED);
            }
        });
        oracle.cleaning(false);
    }

    void openScan(KeyRange range, boolean ascending) throws IOException {
        run(() -> scans.add(
                new OpenScan(engine.scan(range, ascending), StoreOracle.entries(oracle.current(), range, ascending))));
    }

    /** Advances all open scans, and closes those at their end. */
    void walk(int steps) throws IOException {
        run(() -> {
            for (OpenScan open : List.copyOf(scans)) {
                for (int i = 0; i < steps && !open.rest.isEmpty(); i++) {
                    oracle.checkStep(open.scan, open.rest.remove(0), index);
                }
                if (open.rest.isEmpty()) {
                    require(!open.scan.isValid(), "a scan does not end");
                    oracle.count(Outcome.SCANNED_TO_THE_END);
                    open.scan.close();
                    scans.remove(open);
                }
            }
        });
    }

    void closeScans() {
        scans.forEach(open -> open.scan.close());
        scans.clear();
    }

    void close() throws IOException {
        closeScans();
        oracle.expect(last().offsets(), last().position(), false);
        Expected before = last();
        // Under exactly-once it writes restored records, or only the mark of a clean close.
        oracle.cleaning(settings.exactlyOnce() && !oracle.hasRestored());
        run(engine::close);
        oracle.cleaning(false);
        if (isOpen()) {
            // Invariant 3: under exactly-once uncommitted writes are discarded; otherwise all writes are kept.
            boolean right = settings.exactlyOnce()
                    ? last().isSameStateAs(before)
                    : last().contents().equals(oracle.current()) && !last().dirty();
            require(right, "the close did not leave what it has to");
            require(storage.openFiles() == 0, storage.openFiles() + " files are left open");
            engine = null;
        }
    }
}
