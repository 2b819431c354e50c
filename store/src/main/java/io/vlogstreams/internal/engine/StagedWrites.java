/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The writes since the last commit, in memory: key to location, in key order, with the older versions that open snapshots
 * still need.
 *
 * <p>Each write gets the next sequence number. A snapshot is a sequence number: it sees of each key the newest version
 * that is not younger. While no snapshot is open a new version simply replaces the old one.
 *
 * <p>One writer; readers on any thread, who never wait for it. The lock here is held for a few instructions, never during
 * I/O: it orders "is a snapshot open?" against "open a snapshot".
 */
final class StagedWrites {

    /** About what an entry takes besides its key and inline value: skip-list node, version, location, array headers. */
    private static final int ENTRY_OVERHEAD_BYTES = 160;

    private final NavigableMap<byte[], Version> versions = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
    private long sequence;
    private int openSnapshots;
    private volatile long bytes;
    private volatile long approximateNewKeys;

    /** A version of a key; a null location says that the key was deleted. */
    record Version(
            long sequence,
            @Nullable ValueLocation location,
            @Nullable Version older) {}

    /**
     * Stages the location of a key, or its deletion if null. The key is kept, not copied.
     *
     * @return the location that it had here before, which no commit will write any more
     */
    @Nullable
    synchronized ValueLocation put(byte[] key, @Nullable ValueLocation location) {
        sequence++;
        // A look-up of its own only if a snapshot needs what is replaced.
        Version older = openSnapshots > 0 ? versions.get(key) : null;
        Version replaced = versions.put(key, new Version(sequence, location, older));
        bytes += sizeOf(key, location);
        approximateNewKeys += newKeys(location) - (replaced == null ? 0 : newKeys(replaced.location()));
        // Without an open snapshot the replaced version goes, with all that were kept behind it.
        for (Version gone = older == null ? replaced : null; gone != null; gone = gone.older()) {
            bytes -= sizeOf(key, gone.location());
        }
        return replaced == null ? null : replaced.location();
    }

    private static long newKeys(@Nullable ValueLocation location) {
        return location == null ? -1 : 1;
    }

    private static long sizeOf(byte[] key, @Nullable ValueLocation location) {
        long inlineBytes = location instanceof Inline inline ? inline.value().length : 0;
        return ENTRY_OVERHEAD_BYTES + key.length + inlineBytes;
    }

    /** The newest version of the key, or null if it was not written since the last commit. */
    @Nullable
    Version get(byte[] key) {
        return versions.get(key);
    }

    /** The newest version of every key in key order. For the writer. */
    Map<byte[], Version> newest() {
        return versions;
    }

    boolean isEmpty() {
        return versions.isEmpty();
    }

    /** Approximate memory taken, in bytes. */
    long bytes() {
        return bytes;
    }

    /** Approximate difference that these writes make to the number of keys, taking every put as a new key. */
    long approximateNewKeys() {
        return approximateNewKeys;
    }

    synchronized Snapshot openSnapshot() {
        openSnapshots++;
        return new Snapshot(sequence);
    }

    private synchronized void closeSnapshot() {
        openSnapshots--;
    }

    /** The staged writes as they were at one moment. Closed by who opened it, once. */
    final class Snapshot implements AutoCloseable {

        private final long upTo;

        private Snapshot(long upTo) {
            this.upTo = upTo;
        }

        /** A walk over the keys of the range that this snapshot sees, deleted ones included. */
        StagedCursor cursor(KeyRange range, boolean ascending) {
            NavigableMap<byte[], Version> within = versions;
            if (range.from() != null) {
                within = within.tailMap(range.from(), true);
            }
            if (range.toExclusive() != null) {
                within = within.headMap(range.toExclusive(), false);
            }
            NavigableMap<byte[], Version> directed = ascending ? within : within.descendingMap();
            return new StagedCursor(directed.entrySet().iterator(), this);
        }

        @Nullable
        Version visible(@Nullable Version newest) {
            Version version = newest;
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
