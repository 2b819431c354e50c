/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import io.vlogstreams.internal.engine.KeyScan;
import io.vlogstreams.internal.engine.StoreDamagedException;
import io.vlogstreams.internal.engine.StoreEngine;
import io.vlogstreams.internal.engine.StoreScan;
import io.vlogstreams.internal.index.CommitPoint;
import io.vlogstreams.internal.index.CrashableIndex;
import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The oracle for the content of a store.
 *
 * <p>Each write to the index creates a numbered state, which has exactly the writes to the store so far. So the number
 * of the state at which a store is opened determines its content. The index determines which states a crash may leave;
 * {@link #promised} and {@link #mayHaveLost} determine what a crash must not lose.
 *
 * <p>For one thread.
 */
final class StoreOracle {

    static final List<String> KEYS = keys();

    private final Map<Long, Expected> states;

    /** Values that a power failure has damaged without violating a promise. */
    private final Set<Written> damaged = Collections.newSetFromMap(new IdentityHashMap<>());

    /** All writes, staged or not. */
    private SortedMap<String, Written> current = new TreeMap<>();

    /** The content of a committed read; null if it is undetermined. */
    private SortedMap<String, Written> committed = new TreeMap<>();

    /** The data of the next write to the index, besides the contents. */
    private Expected pending = Expected.NOTHING;

    /** Restored data that is not in the index yet: the next write has it, and it is committed. */
    private Expected restored;

    /** The expected state of a damaged store after it is opened. */
    private Expected emptied = Expected.NOTHING;

    private boolean written;
    private boolean opening;
    private boolean cleaning;

    /** The number of the current state of the index. */
    private long at;

    private boolean unsafe;
    private boolean mayHaveLost;
    private long promised;

    private final Map<Outcome, Long> outcomes;

    /** Creates an oracle for a store that was never opened, at this state of its index. */
    StoreOracle(long number, Map<Outcome, Long> outcomes) {
        this.outcomes = outcomes;
        states = new HashMap<>(Map.of(number, Expected.NOTHING));
    }

    /** Creates a copy for the next life. */
    StoreOracle(StoreOracle before) {
        outcomes = before.outcomes;
        states = new HashMap<>(before.states);
        damaged.addAll(before.damaged);
        unsafe = before.unsafe;
        mayHaveLost = before.mayHaveLost;
        promised = before.promised;
    }

    private static List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            keys.add("key-" + (char) ('a' + i));
        }
        return List.copyOf(keys);
    }

    static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.US_ASCII);
    }

    static void require(boolean right, String what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }

    void count(Outcome outcome) {
        outcomes.merge(outcome, 1L, Long::sum);
    }

    Map<Outcome, Long> outcomes() {
        return outcomes;
    }

    // What happens to the store

    void wrote(String key, Written value) {
        if (value == null) {
            current.remove(key);
        } else {
            current.put(key, value);
        }
        written = true;
    }

    void rolledBack(Expected last) {
        current = new TreeMap<>(last.contents());
    }

    /** Settles which of several possible values a failure has left, as reported by the store. */
    void settle(SortedMap<String, Written> settled, Map<String, Long> offsets) {
        current = new TreeMap<>(settled);
        if (restored != null) {
            restored(offsets, restored.position());
        }
    }

    void powerFailed() {
        count(unsafe ? Outcome.POWER_FAILED_UNSAFELY : Outcome.POWER_FAILED_SAFELY);
        mayHaveLost |= unsafe;
        unsafe = false;
    }

    /** Records that all writes so far were restored, up to these offsets, and may still be staged. */
    void restored(Map<String, Long> offsets, byte[] position) {
        restored = new Expected(current, offsets, position, false, true);
        committed = restored.contents();
    }

    /** Sets the data of the next write to the index. */
    void expect(Map<String, Long> offsets, byte[] position, boolean dirty) {
        pending = new Expected(new TreeMap<>(), offsets, position, dirty, false);
    }

    void opens(long number, boolean exactlyOnce) {
        at = number;
        emptied = state(number).emptied(exactlyOnce);
        cleaning = false;
        opening = true;
    }

    boolean isCleaning() {
        return cleaning;
    }

    /** Sets whether writes to the index are from the cleanup or a clean close, which do not change the content. */
    void cleaning(boolean now) {
        cleaning = now;
    }

    /** Records a new state of the index: opening writes an empty store, all other operations the current content. */
    void indexWritten(long number, boolean synced) {
        Expected changed = restored != null
                ? restored
                : new Expected(current, pending.offsets(), pending.position(), pending.dirty(), written);
        states.put(number, opening ? emptied : cleaning ? state(at) : changed);
        if (!opening && !cleaning) {
            restored = null;
        }
        unsafe |= !synced;
        at = number;
        if (cleaning) {
            count(Outcome.WRITTEN_BY_CLEANUP);
        }
    }

    /** Records that a call that wrote to the index has returned. */
    void indexed(long number, boolean synced) {
        Expected last = state(number);
        count(last.dirty() ? Outcome.SPILLED : Outcome.COMMITTED);
        if (!last.dirty()) {
            committed = (restored == null ? last : restored).contents();
        }
        if (synced) {
            unsafe = false;
            promised = number;
        }
    }

    // What is expected

    Expected state(long number) {
        return Objects.requireNonNull(states.get(number), () -> "no state " + number + " was ever written");
    }

    SortedMap<String, Written> current() {
        return new TreeMap<>(current);
    }

    /** Returns the state of the store: that of the index, or the data restored since. */
    Expected last(long number) {
        return restored != null ? restored : state(number);
    }

    boolean hasRestored() {
        return restored != null;
    }

    /** Returns whether there are uncommitted writes. */
    boolean hasStaged(long number) {
        return !current.equals(last(number).contents());
    }

    /**
     * Returns whether the store may be emptied, refused or damaged: only after a power failure without protection.
     */
    boolean mayHaveLost() {
        return mayHaveLost;
    }

    /** Checks that a crash may leave this state. */
    void checkPromise(long number) {
        require(mayHaveLost || number >= promised, "state " + number + " is older than the last commit, " + promised);
    }

    /** Records that the store was opened at this state; {@code emptied} if it says that it was emptied. */
    void opened(Expected state) {
        opening = false;
        current = new TreeMap<>(state.contents());
        committed = state.dirty() ? null : state.contents();
        written = state.written();
    }

    /** Records that the content was correct; from now on no further damage may appear. */
    void accepted() {
        mayHaveLost = false;
    }

    // Comparing

    void checkAll(StoreEngine engine, CrashableIndex index, boolean committedReads) throws IOException {
        checkCommitPoint(engine, state(index.number()));
        for (String key : KEYS) {
            check("get", key, current.get(key), index, () -> engine.get(bytes(key)));
        }
        checkScan(engine.scan(KeyRange.ALL, true), entries(current, KeyRange.ALL, true), index);
        checkScan(engine.scan(KeyRange.ALL, false), entries(current, KeyRange.ALL, false), index);
        checkKeys(engine.scanKeys(KeyRange.ALL, true), entries(current, KeyRange.ALL, true));
        if (committed != null && (committedReads || !state(index.number()).dirty())) {
            for (String key : KEYS) {
                check("getCommitted", key, committed.get(key), index, () -> engine.getCommitted(bytes(key)));
            }
            checkScan(engine.scanCommitted(KeyRange.ALL, true), entries(committed, KeyRange.ALL, true), index);
            checkKeys(engine.scanKeysCommitted(KeyRange.ALL, false), entries(committed, KeyRange.ALL, false));
        }
        checkLiveBytes(engine, index);
    }

    private void checkCommitPoint(StoreEngine engine, Expected state) {
        CommitPoint found = engine.commitPoint();
        require(found.offsets().equals(state.offsets()), "offsets " + found.offsets() + ", not " + state.offsets());
        require(Arrays.equals(found.position(), state.position()), "the position is another");
        require(found.dirty() == state.dirty(), "dirty " + found.dirty());
        require(engine.written() == written, "written " + engine.written());
    }

    /** Invariant 6. */
    void checkLiveBytes(StoreEngine engine, CrashableIndex index) throws IOException {
        SortedMap<Long, Long> recounted = new TreeMap<>();
        long keys = 0;
        try (IndexCursor cursor = index.openCursor(KeyRange.ALL, true)) {
            for (; cursor.isValid(); cursor.advance()) {
                if (cursor.location() instanceof Separated separated) {
                    keys++;
                    checkNotDead(separated.pointer(), index);
                    recounted.merge(
                            separated.pointer().fileId(), separated.pointer().recordBytes(), Long::sum);
                }
            }
        }
        SortedMap<Long, Long> counted = new TreeMap<>();
        index.live().forEach((fileId, live) -> counted.put(fileId, live.bytes()));
        require(counted.equals(recounted), "live bytes " + counted + ", recounted " + recounted);
        long total = recounted.values().stream().mapToLong(Long::longValue).sum();
        require(engine.statistics().space().liveBytes() == total, "live bytes in memory are not " + total);
        long said = engine.commitPoint().entries().separated();
        require(said == keys, "the commit point says " + said + " separated keys, not " + keys);
    }

    /** Invariant 9. */
    private static void checkNotDead(ValuePointer live, CrashableIndex index) throws IOException {
        require(
                !index.known(live.fileId()).isDead(live.offset()),
                "the record at " + live.offset() + " of file " + live.fileId() + " is live and said to be dead");
    }

    private void checkScan(StoreScan scan, List<Map.Entry<String, Written>> entries, CrashableIndex index)
            throws IOException {
        try (scan) {
            while (!entries.isEmpty()) {
                checkStep(scan, entries.remove(0), index);
            }
            require(!scan.isValid(), "the scan does not end");
        }
    }

    private static void checkKeys(KeyScan scan, List<Map.Entry<String, Written>> entries) throws IOException {
        try (scan) {
            for (Map.Entry<String, Written> entry : entries) {
                require(scan.isValid(), "the scan of keys ends before " + entry.getKey());
                String found = new String(scan.key(), StandardCharsets.US_ASCII);
                require(found.equals(entry.getKey()), "the scan is at key " + found + ", not at " + entry.getKey());
                scan.advance();
            }
            require(!scan.isValid(), "the scan of keys does not end");
        }
    }

    /** Checks the current entry of the scan and advances it. */
    void checkStep(StoreScan scan, Map.Entry<String, Written> entry, CrashableIndex index) throws IOException {
        require(scan.isValid(), "the scan ends before " + entry.getKey());
        String found = new String(scan.key(), StandardCharsets.US_ASCII);
        require(found.equals(entry.getKey()), "the scan is at " + found + ", not at " + entry.getKey());
        check("scan", entry.getKey(), entry.getValue(), index, scan::value);
        scan.advance();
    }

    static List<Map.Entry<String, Written>> entries(
            SortedMap<String, Written> contents, KeyRange range, boolean ascending) {
        List<Map.Entry<String, Written>> entries = new ArrayList<>();
        contents.forEach((key, value) -> {
            boolean below = range.from() != null && Arrays.compareUnsigned(bytes(key), range.from()) < 0;
            boolean above = range.toExclusive() != null && Arrays.compareUnsigned(bytes(key), range.toExclusive()) >= 0;
            if (!below && !above) {
                entries.add(Map.entry(key, value));
            }
        });
        if (!ascending) {
            Collections.reverse(entries);
        }
        return entries;
    }

    /** Reads a value. */
    interface Read {
        byte[] value() throws IOException;
    }

    void check(String how, String key, Written expected, CrashableIndex index, Read read) throws IOException {
        byte[] found;
        try {
            found = read.value();
        } catch (StoreDamagedException e) {
            checkDamage(how, key, expected, index, e);
            return;
        }
        byte[] right = expected == null ? null : expected.bytes();
        if (!Arrays.equals(found, right)) {
            throw new AssertionError(how + " " + key + " gives " + shown(found) + ", not " + shown(right));
        }
    }

    private void checkDamage(String how, String key, Written expected, CrashableIndex index, StoreDamagedException e)
            throws IOException {
        boolean known = damaged.contains(expected);
        boolean newDamage = mayHaveLost && expected != null && index.get(bytes(key)) instanceof Separated;
        if (!known && !newDamage) {
            throw new AssertionError(how + " " + key + " finds damage that cannot be", e);
        }
        boolean names = e.getMessage().contains(".vlog") && e.getMessage().matches(".*(offset \\d|does not exist).*");
        require(names, "the message does not name file and offset: " + e.getMessage());
        damaged.add(expected);
        count(Outcome.VALUE_DAMAGED);
    }

    static String shown(byte[] value) {
        if (value == null) {
            return "nothing";
        }
        int number = 0;
        for (int i = 0; i < Math.min(Integer.BYTES, value.length); i++) {
            number |= Byte.toUnsignedInt(value[i]) << (Byte.SIZE * i);
        }
        return "value " + number + " of " + value.length + " bytes";
    }
}
