/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * An in-memory index with exactly the durability of RocksDB with its write-ahead log.
 *
 * <ul>
 *   <li>Every write atomically creates a new state. States have increasing numbers that are never reused.
 *   <li>{@link #kill} ends the process: the last state survives.
 *   <li>{@link #crash} is a power failure: the index falls back to a state since the last sync that the caller chooses.
 *   <li>{@link #failCall} makes one call fail. After a failed sync, or a failed write that may have reached the log,
 *       the index refuses writes until it is reopened, like RocksDB.
 *   <li>{@link #beforeCall} runs a hook in the middle of a call, and {@link #afterWrite} reports new states.
 * </ul>
 *
 * <p>After a crash or kill this object only throws; the returned one continues. Not thread-safe.
 */
public final class CrashableIndex implements LocationIndex {

    /** The calls that can fail. */
    public enum Operation {
        GET,
        WALK,
        FILL_BATCH,
        WRITE,
        SYNC,
        COMMIT_POINT,
        LIVE,
        KNOWN,
        CLEAR,
        COUNT
    }

    private static final long NEVER = -1;

    /** The states that a power failure may leave, of which the oldest is durable; all are in the write-ahead log. */
    private final List<State> log;

    /** Decides the effect of a failing write. */
    private Random random = new Random(0);

    /** The last state of the log, unless a write failed half-way. */
    private State visible;

    private long lastNumber;
    private long callsToFailure = NEVER;
    private Set<Operation> failing = EnumSet.noneOf(Operation.class);
    private boolean refusing;
    private boolean dead;
    private boolean closed;
    private Consumer<Operation> beforeCall = operation -> {};
    private LongConsumer afterWrite = number -> {};

    /** The content of the index at one moment, encoded as for RocksDB. Immutable. */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    private record State(
            long number,
            NavigableMap<byte[], byte[]> locations,
            SortedMap<Long, LiveRecords> live,
            SortedMap<Long, Set<Long>> dead,
            byte[] commitPoint) {

        static State empty(long number) {
            return new State(number, new TreeMap<>(Arrays::compareUnsigned), new TreeMap<>(), new TreeMap<>(), null);
        }

        State plus(Batch batch, long newNumber) {
            NavigableMap<byte[], byte[]> newLocations = new TreeMap<>(locations);
            batch.locations.forEach((key, location) -> replace(newLocations, key, location));
            SortedMap<Long, LiveRecords> newLive = new TreeMap<>(live);
            batch.live.forEach(
                    (fileId, records) -> replace(newLive, fileId, records.equals(LiveRecords.NONE) ? null : records));
            SortedMap<Long, Set<Long>> newDead = new TreeMap<>(dead);
            batch.dead.forEach((fileId, units) -> {
                Set<Long> all = new TreeSet<>(newDead.getOrDefault(fileId, Set.of()));
                all.addAll(units);
                newDead.put(fileId, all);
            });
            newDead.keySet().removeAll(batch.forgotten);
            byte[] newCommitPoint = batch.commitPoint == null ? commitPoint : batch.commitPoint;
            return new State(newNumber, newLocations, newLive, newDead, newCommitPoint);
        }

        private static <K, V> void replace(Map<K, V> map, K key, V value) {
            if (value == null) {
                map.remove(key);
            } else {
                map.put(key, value);
            }
        }

        CommitPoint decodedCommitPoint() throws IndexException {
            return commitPoint == null ? null : CommitPoint.decode(commitPoint);
        }

        boolean names(long fileId) throws IndexException {
            CommitPoint point = decodedCommitPoint();
            if (point != null && point.tail().isActive(fileId)) {
                return true;
            }
            for (byte[] encoded : locations.values()) {
                if (Locations.decodePresent(encoded) instanceof Separated separated
                        && separated.pointer().fileId() == fileId) {
                    return true;
                }
            }
            return false;
        }
    }

    public CrashableIndex() {
        this(List.of(State.empty(0)), 0);
    }

    private CrashableIndex(List<State> log, long lastNumber) {
        this.log = new ArrayList<>(log);
        this.visible = log.get(log.size() - 1);
        this.lastNumber = lastNumber;
    }

    /**
     * Makes the n-th call from now fail, once; 1 is the next one. Counts all kinds of calls if none is given. The seed
     * decides whether a failing write reaches the index nevertheless.
     */
    public void failCall(long seed, long n, Operation... kinds) {
        random = new Random(seed);
        callsToFailure = n;
        failing = kinds.length == 0 ? EnumSet.allOf(Operation.class) : EnumSet.copyOf(List.of(kinds));
    }

    /** Returns whether the failure of {@link #failCall} has happened. */
    public boolean hasFailed() {
        return callsToFailure == 0;
    }

    /** Ends all failures; an index that refuses writes continues to refuse them. */
    public void heal() {
        callsToFailure = NEVER;
    }

    /** Returns whether the index refuses writes until it is reopened. */
    public boolean refuses() {
        return refusing;
    }

    public void beforeCall(Consumer<Operation> hook) {
        beforeCall = hook;
    }

    /** Called with the number of each new state, as soon as it is in the log. */
    public void afterWrite(LongConsumer hook) {
        afterWrite = hook;
    }

    /** Returns the number of the visible state. */
    public long number() {
        return visible.number;
    }

    /** Returns the number of states that a power failure can leave. */
    public int survivors() {
        return log.size();
    }

    /** Returns whether any state that a power failure can leave names the file, in a location or the commit point. */
    public boolean anySurvivorNames(long fileId) throws IndexException {
        for (State state : log) {
            if (state.names(fileId)) {
                return true;
            }
        }
        return false;
    }

    /** Simulates a power failure. Returns the index of the next process, with that survivor; 0 is the oldest. */
    public CrashableIndex crash(int survivor) {
        dead = true;
        return new CrashableIndex(List.of(log.get(survivor)), lastNumber);
    }

    /** Kills the process. Returns the index of the next process, with every write, durable or not as before. */
    public CrashableIndex kill() {
        dead = true;
        return new CrashableIndex(log, lastNumber);
    }

    /** Deletes the folder. Returns the index of the next process, which is empty. */
    public CrashableIndex wipe() {
        dead = true;
        return new CrashableIndex(List.of(State.empty(lastNumber + 1)), lastNumber + 1);
    }

    /** Returns the bytes of the commit point. */
    public byte[] commitPointBytes() {
        return visible.commitPoint.clone();
    }

    /** Replaces the bytes of the commit point by damaged ones. */
    public void damageCommitPoint(byte[] bytes) {
        replaceAll(new State(visible.number, visible.locations, visible.live, visible.dead, bytes));
    }

    /** Returns the bytes of a location. */
    public byte[] locationBytes(byte[] key) {
        return visible.locations.get(key).clone();
    }

    /** Replaces the bytes of a location by damaged ones. */
    public void damageLocation(byte[] key, byte[] bytes) {
        NavigableMap<byte[], byte[]> locations = new TreeMap<>(visible.locations);
        locations.put(key, bytes);
        replaceAll(new State(visible.number, locations, visible.live, visible.dead, visible.commitPoint));
    }

    private void replaceAll(State state) {
        log.clear();
        log.add(state);
        visible = state;
    }

    @Override
    public ValueLocation get(byte[] key) throws IndexException {
        call(Operation.GET);
        return Locations.decode(visible.locations.get(key));
    }

    @Override
    public List<Separated> separated(List<byte[]> sortedKeys) throws IndexException {
        call(Operation.GET);
        List<Separated> found = new ArrayList<>();
        for (byte[] key : sortedKeys) {
            ValueLocation location = Locations.decode(visible.locations.get(key));
            found.add(location instanceof Separated separated ? separated : null);
        }
        return found;
    }

    @Override
    public IndexCursor openCursor(KeyRange range, boolean ascending) {
        return new Cursor(visible.locations, range, ascending);
    }

    @Override
    public IndexView openView() {
        State frozen = visible;
        return new IndexView() {
            @Override
            public ValueLocation get(byte[] key) throws IndexException {
                call(Operation.GET);
                return Locations.decode(frozen.locations.get(key));
            }

            @Override
            public IndexCursor openCursor(KeyRange range, boolean ascending) {
                return new Cursor(frozen.locations, range, ascending);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public IndexBatch newBatch() {
        return new Batch();
    }

    @Override
    public void write(IndexBatch batch, boolean sync) throws IndexException {
        checkNotRefusing();
        if (isToFail(Operation.WRITE)) {
            failWrite((Batch) batch);
            throw injected(Operation.WRITE);
        }
        State next = append((Batch) batch);
        if (sync) {
            syncLog(); // if this fails, the state is visible only after the index is reopened
        }
        visible = next;
    }

    /** Fails a write without effect, or so that the batch may be in the log; then further writes are refused. */
    private void failWrite(Batch batch) {
        refusing = random.nextBoolean();
        if (refusing && random.nextBoolean()) {
            append(batch);
        }
    }

    private State append(Batch batch) {
        State next = visible.plus(batch, ++lastNumber);
        log.add(next);
        afterWrite.accept(next.number);
        return next;
    }

    @Override
    public void sync() throws IndexException {
        checkNotRefusing();
        syncLog();
    }

    private void syncLog() throws IndexException {
        if (isToFail(Operation.SYNC)) {
            refusing = true;
            throw injected(Operation.SYNC);
        }
        log.subList(0, log.size() - 1).clear();
    }

    /** Returns whether the index never had a commit point. */
    public boolean isNew() {
        return visible.commitPoint == null;
    }

    @Override
    public CommitPoint commitPoint() throws IndexException {
        call(Operation.COMMIT_POINT);
        return visible.decodedCommitPoint();
    }

    @Override
    public SortedMap<Long, LiveRecords> live() throws IndexException {
        call(Operation.LIVE);
        return new TreeMap<>(visible.live);
    }

    @Override
    public KnownRecords known(long fileId) throws IndexException {
        call(Operation.KNOWN);
        return new KnownRecords(
                visible.live.getOrDefault(fileId, LiveRecords.NONE),
                visible.dead.getOrDefault(fileId, Set.of()).stream()
                        .mapToLong(Long::longValue)
                        .toArray());
    }

    @Override
    public Set<Long> filesWithDead() throws IndexException {
        call(Operation.KNOWN);
        return new TreeSet<>(visible.dead.keySet());
    }

    @Override
    public void clear(CommitPoint commitPoint) throws IndexException {
        checkNotRefusing();
        call(Operation.CLEAR);
        Batch batch = new Batch();
        batch.commitPoint(commitPoint);
        replaceAll(State.empty(0).plus(batch, ++lastNumber));
        afterWrite.accept(lastNumber);
    }

    @Override
    public long approximateEntries() throws IndexException {
        call(Operation.COUNT);
        return visible.locations.size();
    }

    /** Does not sync the log, like RocksDB. */
    @Override
    public void close() {
        closed = true;
    }

    private void checkNotRefusing() throws IndexException {
        if (refusing) {
            throw new IndexException("the index takes no more writes, because one has failed");
        }
    }

    private void call(Operation operation) throws IndexException {
        if (isToFail(operation)) {
            throw injected(operation);
        }
    }

    private static IndexException injected(Operation operation) {
        return new IndexException("injected failure of " + operation + " of the index");
    }

    private boolean isToFail(Operation operation) {
        if (closed) {
            throw new IllegalStateException(operation + " of a closed index");
        }
        beforeCall.accept(operation);
        if (dead) {
            throw new IllegalStateException("this index has crashed");
        }
        return callsToFailure > 0 && failing.contains(operation) && --callsToFailure == 0;
    }

    /** A batch that encodes its changes immediately. */
    private final class Batch implements IndexBatch {

        private final Map<byte[], byte[]> locations = new TreeMap<>(Arrays::compareUnsigned);
        private final Map<Long, LiveRecords> live = new TreeMap<>();
        private final Map<Long, Set<Long>> dead = new TreeMap<>();
        private final Set<Long> forgotten = new TreeSet<>();
        private byte[] commitPoint;

        @Override
        public void put(byte[] key, ValueLocation location) throws IndexException {
            call(Operation.FILL_BATCH);
            locations.put(key, location.encode());
        }

        @Override
        public void delete(byte[] key) throws IndexException {
            call(Operation.FILL_BATCH);
            locations.put(key, null);
        }

        @Override
        public void live(long fileId, LiveRecords records) throws IndexException {
            call(Operation.FILL_BATCH);
            live.put(fileId, records);
        }

        @Override
        public void dead(long fileId, long[] offsets) throws IndexException {
            call(Operation.FILL_BATCH);
            Set<Long> ofFile = dead.computeIfAbsent(fileId, id -> new TreeSet<>());
            Arrays.stream(DeadList.units(offsets)).forEach(ofFile::add);
        }

        @Override
        public void forgetDead(long fileId) throws IndexException {
            call(Operation.FILL_BATCH);
            forgotten.add(fileId);
        }

        @Override
        public void commitPoint(CommitPoint newCommitPoint) throws IndexException {
            call(Operation.FILL_BATCH);
            commitPoint = newCommitPoint.encode();
        }

        @Override
        public void close() {}
    }

    /** A cursor that reports a failed move only in {@code isValid}, like RocksDB's iterator. */
    private final class Cursor implements IndexCursor {

        private final Iterator<Map.Entry<byte[], byte[]>> entries;
        private Map.Entry<byte[], byte[]> current;
        private IndexException failure;

        Cursor(NavigableMap<byte[], byte[]> locations, KeyRange range, boolean ascending) {
            NavigableMap<byte[], byte[]> within = locations;
            if (range.from() != null) {
                within = within.tailMap(range.from(), true);
            }
            if (range.toExclusive() != null) {
                within = within.headMap(range.toExclusive(), false);
            }
            entries = (ascending ? within : within.descendingMap()).entrySet().iterator();
            advance();
        }

        @Override
        public boolean isValid() throws IndexException {
            if (failure != null) {
                throw failure;
            }
            return current != null;
        }

        @Override
        public byte[] key() {
            return current.getKey();
        }

        @Override
        public ValueLocation location() throws IndexException {
            return Locations.decodePresent(current.getValue());
        }

        @Override
        public void advance() {
            current = null;
            if (isToFail(Operation.WALK)) {
                failure = injected(Operation.WALK);
            } else if (entries.hasNext()) {
                current = entries.next();
            }
        }

        @Override
        public void close() {}
    }
}
