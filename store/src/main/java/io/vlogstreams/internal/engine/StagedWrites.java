/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.index.KeyHash;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The writes since the last commit, in memory: a map from keys to locations, with the older versions that open
 * snapshots still need.
 *
 * <p>Each write gets the next sequence number. A snapshot is a sequence number: it sees the newest version of each key
 * whose sequence number is not higher. While no snapshot is open, a new version replaces the old one.
 *
 * <p>Keys are found by their hash, and sorted when they are committed. A put costs a third of one that keeps the keys
 * sorted all the time. From the first snapshot on they are kept sorted.
 *
 * <p>For one writer and any number of readers. Opening the first snapshot blocks the writer while the keys are sorted.
 * Otherwise the lock is held for a few instructions, never during I/O. It orders the writer's check for open snapshots
 * against the opening of a snapshot.
 */
final class StagedWrites {

    /**
     * The approximate size of an entry without key and inline value: entry, slots, version, location, array headers.
     */
    private static final int ENTRY_OVERHEAD_BYTES = 180;

    private final StagedTable table = new StagedTable();
    private final boolean restored;

    /** The same entries in key order, once a snapshot was opened. */
    private @Nullable NavigableMap<byte[], StagedEntry> ordered;

    /** The number of records of each VLog file that the newest versions name. */
    private final Map<Long, Count> named = new HashMap<>();

    /** The count of the file that was named last; most puts name the same file. */
    private Count last = new Count(0);

    private long sequence;
    private int openSnapshots;
    private volatile long bytes;
    private volatile long approximateNewKeys;

    /**
     * Creates an empty map.
     *
     * @param restored whether it is for restored records, which are committed already
     */
    StagedWrites(boolean restored) {
        this.restored = restored;
    }

    /** A version of a key; a null location means that the key was deleted. */
    record Version(
            long sequence,
            @Nullable ValueLocation location,
            @Nullable Version older) {}

    /**
     * Stages the location of a key, or its deletion if null. The key is kept, not copied.
     *
     * @return the location that it replaces here, which no commit will write any more. A record of the VLog counts as
     *     {@linkplain #names named} until {@link #forget}
     */
    @Nullable
    synchronized ValueLocation put(byte[] key, @Nullable ValueLocation location) {
        // Invariant 4: first, so that no staged record is uncounted, whatever this throws.
        if (location instanceof Separated separated) {
            count(separated.pointer().fileId()).records++;
        }
        sequence++;
        int hash = KeyHash.ofTable(key);
        StagedEntry entry = table.find(key, hash);
        Version replaced = entry == null ? null : entry.newest();
        Version older = openSnapshots > 0 ? replaced : null;
        Version version = new Version(sequence, location, older);
        if (entry == null) {
            add(new StagedEntry(key, hash, version));
        } else {
            entry.set(version);
        }
        bytes += sizeOf(key, location);
        approximateNewKeys += newKeys(location) - (replaced == null ? 0 : newKeys(replaced.location()));
        // Without an open snapshot the replaced version is dropped, with all older ones.
        for (Version gone = older == null ? replaced : null; gone != null; gone = gone.older()) {
            bytes -= sizeOf(key, gone.location());
        }
        return replaced == null ? null : replaced.location();
    }

    private Count count(long fileId) {
        if (last.fileId != fileId) {
            last = named.computeIfAbsent(fileId, Count::new);
        }
        return last;
    }

    /** Stops counting a record that {@link #put} has returned. */
    synchronized void forget(ValuePointer replaced) {
        Count count = named.get(replaced.fileId());
        if (count != null) {
            count.records--;
        }
    }

    /** Returns whether a newest version names a record of the file. Any thread. */
    synchronized boolean names(long fileId) {
        Count count = named.get(fileId);
        return count != null && count.records > 0;
    }

    /** The number of records of one file. */
    private static final class Count {
        private final long fileId;
        private int records;

        Count(long fileId) {
            this.fileId = fileId;
        }
    }

    private void add(StagedEntry entry) {
        table.add(entry);
        if (ordered != null) {
            ordered.put(entry.key(), entry);
        }
    }

    private static long newKeys(@Nullable ValueLocation location) {
        return location == null ? -1 : 1;
    }

    private static long sizeOf(byte[] key, @Nullable ValueLocation location) {
        long inlineBytes = location instanceof Inline inline ? inline.value().length : 0;
        return ENTRY_OVERHEAD_BYTES + key.length + inlineBytes;
    }

    /** Returns the newest version of the key, or null if it was not written since the last commit. */
    @Nullable
    Version get(byte[] key) {
        StagedEntry entry = table.find(key, KeyHash.ofTable(key));
        return entry == null ? null : entry.newest();
    }

    /** Returns every key with its newest version, in key order. For the writer. */
    List<StagedEntry> newest() {
        return Arrays.asList(table.sorted());
    }

    boolean isEmpty() {
        return table.count() == 0;
    }

    /** Returns the sequence number of the last write. For the writer. */
    synchronized long sequence() {
        return sequence;
    }

    /** Returns whether the key was put after the write with that sequence number. For the writer. */
    boolean wasPutSince(long sequenceBefore, byte[] key) {
        Version newest = get(key);
        return newest != null && newest.sequence() > sequenceBefore;
    }

    int count() {
        return table.count();
    }

    /** Returns whether these are restored records, which are committed already. */
    boolean areRestored() {
        return restored;
    }

    /** Returns the approximate memory in bytes. */
    long bytes() {
        return bytes;
    }

    /** Returns the approximate change of the number of keys, counting every put as a new key. */
    long approximateNewKeys() {
        return approximateNewKeys;
    }

    synchronized Snapshot openSnapshot() {
        NavigableMap<byte[], StagedEntry> inOrder = ordered;
        if (inOrder == null) {
            inOrder = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
            for (StagedEntry entry : table.sorted()) {
                inOrder.put(entry.key(), entry);
            }
            ordered = inOrder;
        }
        openSnapshots++;
        return new Snapshot(inOrder, sequence);
    }

    private synchronized void closeSnapshot() {
        openSnapshots--;
    }

    /** The staged writes as of one moment. Must be closed once. */
    final class Snapshot implements AutoCloseable {

        private final NavigableMap<byte[], StagedEntry> entries;
        private final long upTo;

        private Snapshot(NavigableMap<byte[], StagedEntry> entries, long upTo) {
            this.entries = entries;
            this.upTo = upTo;
        }

        /** Returns a cursor over the keys of the range in this snapshot, including deleted ones. */
        StagedCursor cursor(KeyRange range, boolean ascending) {
            NavigableMap<byte[], StagedEntry> within = entries;
            if (range.from() != null) {
                within = within.tailMap(range.from(), true);
            }
            if (range.toExclusive() != null) {
                within = within.headMap(range.toExclusive(), false);
            }
            NavigableMap<byte[], StagedEntry> directed = ascending ? within : within.descendingMap();
            return new StagedCursor(directed.values().iterator(), this);
        }

        @Nullable
        Version visible(StagedEntry entry) {
            Version version = entry.newest();
            while (version != null && version.sequence() > upTo) {
                version = version.older();
            }
            return version;
        }

        @Override
        public void close() {
            closeSnapshot();
        }
    }
}
