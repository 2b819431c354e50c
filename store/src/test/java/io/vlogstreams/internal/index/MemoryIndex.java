/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** An in-memory index that fails on request and counts its syncs. Not thread-safe. */
public class MemoryIndex implements LocationIndex {

    private NavigableMap<byte[], ValueLocation> locations = new TreeMap<>(Arrays::compareUnsigned);
    private SortedMap<Long, LiveRecords> live = new TreeMap<>();
    private SortedMap<Long, Set<Long>> dead = new TreeMap<>();
    private CommitPoint commitPoint;
    private boolean failsWrites;
    private boolean failsSyncs;
    private boolean closed;
    private int syncs;

    public void failWrites(boolean fail) {
        failsWrites = fail;
    }

    public void failSyncs(boolean fail) {
        failsSyncs = fail;
    }

    public int syncs() {
        return syncs;
    }

    public boolean closed() {
        return closed;
    }

    @Override
    public ValueLocation get(byte[] key) {
        return locations.get(key);
    }

    @Override
    public List<Separated> separated(List<byte[]> sortedKeys) {
        List<Separated> found = new ArrayList<>();
        sortedKeys.forEach(key -> found.add(locations.get(key) instanceof Separated separated ? separated : null));
        return found;
    }

    @Override
    public IndexCursor openCursor(KeyRange range, boolean ascending) {
        return cursor(locations, range, ascending);
    }

    private static IndexCursor cursor(
            NavigableMap<byte[], ValueLocation> locations, KeyRange range, boolean ascending) {
        NavigableMap<byte[], ValueLocation> within = locations;
        if (range.from() != null) {
            within = within.tailMap(range.from(), true);
        }
        if (range.toExclusive() != null) {
            within = within.headMap(range.toExclusive(), false);
        }
        return new MemoryCursor(
                (ascending ? within : within.descendingMap()).entrySet().iterator());
    }

    @Override
    public IndexView openView() {
        NavigableMap<byte[], ValueLocation> frozen = locations; // replaced by every write, never modified
        return new IndexView() {
            @Override
            public ValueLocation get(byte[] key) {
                return frozen.get(key);
            }

            @Override
            public IndexCursor openCursor(KeyRange range, boolean ascending) {
                return cursor(frozen, range, ascending);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public IndexBatch newBatch() {
        return new MemoryBatch();
    }

    @Override
    public void write(IndexBatch batch, boolean sync) throws IndexException {
        if (failsWrites) {
            throw new IndexException("told to fail");
        }
        MemoryBatch written = (MemoryBatch) batch;
        NavigableMap<byte[], ValueLocation> next = new TreeMap<>(locations);
        written.changes.forEach((key, location) -> {
            if (location == null) {
                next.remove(key);
            } else {
                next.put(key, location);
            }
        });
        locations = next;
        written.live.forEach((fileId, records) -> {
            if (records.equals(LiveRecords.NONE)) {
                live.remove(fileId);
            } else {
                live.put(fileId, records);
            }
        });
        written.dead.forEach((fileId, offsets) ->
                dead.computeIfAbsent(fileId, id -> new TreeSet<>()).addAll(offsets));
        dead.keySet().removeAll(written.forgotten);
        commitPoint = written.commitPoint == null ? commitPoint : written.commitPoint;
        syncs += sync ? 1 : 0;
    }

    @Override
    public void sync() throws IndexException {
        if (failsSyncs) {
            throw new IndexException("told to fail");
        }
        syncs++;
    }

    @Override
    public CommitPoint commitPoint() {
        return commitPoint;
    }

    @Override
    public SortedMap<Long, LiveRecords> live() {
        return new TreeMap<>(live);
    }

    @Override
    public KnownRecords known(long fileId) {
        return new KnownRecords(
                live.getOrDefault(fileId, LiveRecords.NONE),
                dead.getOrDefault(fileId, Set.of()).stream()
                        .mapToLong(DeadList::unit)
                        .toArray());
    }

    @Override
    public Set<Long> filesWithDead() {
        return new TreeSet<>(dead.keySet());
    }

    @Override
    public void clear(CommitPoint newCommitPoint) {
        locations = new TreeMap<>(Arrays::compareUnsigned);
        live = new TreeMap<>();
        dead = new TreeMap<>();
        commitPoint = newCommitPoint;
    }

    @Override
    public long approximateEntries() {
        return locations.size();
    }

    @Override
    public void close() {
        closed = true;
    }

    private static final class MemoryBatch implements IndexBatch {

        private final Map<byte[], ValueLocation> changes = new TreeMap<>(Arrays::compareUnsigned);
        private final Map<Long, LiveRecords> live = new TreeMap<>();
        private final Map<Long, Set<Long>> dead = new TreeMap<>();
        private final Set<Long> forgotten = new TreeSet<>();
        private CommitPoint commitPoint;

        @Override
        public void put(byte[] key, ValueLocation location) {
            changes.put(key, location);
        }

        @Override
        public void delete(byte[] key) {
            changes.put(key, null);
        }

        @Override
        public void live(long fileId, LiveRecords records) {
            live.put(fileId, records);
        }

        @Override
        public void dead(long fileId, long[] offsets) {
            Set<Long> ofFile = dead.computeIfAbsent(fileId, id -> new TreeSet<>());
            Arrays.stream(offsets).forEach(ofFile::add);
        }

        @Override
        public void forgetDead(long fileId) {
            forgotten.add(fileId);
        }

        @Override
        public void commitPoint(CommitPoint commitPoint) {
            this.commitPoint = commitPoint;
        }

        @Override
        public void close() {}
    }

    private static final class MemoryCursor implements IndexCursor {

        private final Iterator<Map.Entry<byte[], ValueLocation>> entries;
        private Map.Entry<byte[], ValueLocation> current;

        private MemoryCursor(Iterator<Map.Entry<byte[], ValueLocation>> entries) {
            this.entries = entries;
            advance();
        }

        @Override
        public boolean isValid() {
            return current != null;
        }

        @Override
        public byte[] key() {
            return current.getKey();
        }

        @Override
        public ValueLocation location() {
            return current.getValue();
        }

        @Override
        public void advance() {
            current = entries.hasNext() ? entries.next() : null;
        }

        @Override
        public void close() {}
    }
}
