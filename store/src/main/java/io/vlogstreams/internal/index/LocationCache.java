/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * Locations in the VLog that an index holds, as many as its memory allows, by the hash of their key.
 *
 * <p>What it holds is what the index holds, except while it is <em>suspended</em>: it is by each write to the index, from
 * before the index changes until the same was changed here. Who finds it not suspended, and then a location, knows that the index
 * held that at some moment in between: either no write has come meanwhile, or the location is that from before the write, or
 * the one that the write has brought, and that is in the index by then. A moment is a number that changes when a suspension
 * begins and when it ends; what was read from the index is taken in only if the moment is still that before it was read.
 *
 * <p>A write that fails does not end the suspension, because nobody knows what of it the index has: the next one forgets
 * everything first.
 *
 * <p>It is <em>complete</em> if what it does not hold the index does not hold either: from its beginning over an index
 * without separated locations until it has no room for one.
 *
 * <p>It is small at first and doubles as it fills. Any number of readers, which wait for nobody who does more than copy a
 * location; one writer at a time, whose calls are marked.
 */
final class LocationCache {

    private static final int MAX_STRIPES = 16;
    private static final int FIRST_SETS = 2 * MAX_STRIPES;

    /** Few sets have no room for one more when this is how many a set holds on average. */
    private static final int FULL_SET = 5;

    private static final int SET_BYTES = LocationTable.WAYS * LocationTable.SLOT_BYTES;

    /** The least that is of use, a set; what is smaller is no cache. */
    static final long MIN_BYTES = SET_BYTES;

    /** The most that arrays can hold. */
    static final long MAX_BYTES = 1L << 34;

    /** For the sets whose number has the same last bits. Held to copy a location, never during I/O. */
    private final StampedLock[] stripes;

    /** Even, or odd while suspended. */
    private final AtomicLong moment = new AtomicLong();

    private int maxSets;
    private volatile LocationTable table;
    private volatile boolean complete;

    /** Whether no location was ever here. */
    private volatile boolean empty = true;

    /**
     * Empty.
     *
     * @param expected about how many locations the index holds: for so many there is room from the beginning, because only
     *     the writer makes more
     * @param complete whether the index holds no separated location
     */
    LocationCache(long maxBytes, long expected, boolean complete) {
        this.maxSets = (int) Long.highestOneBit(Math.min(maxBytes, MAX_BYTES) / SET_BYTES);
        this.stripes = new StampedLock[Math.min(MAX_STRIPES, Math.max(1, maxSets / 2))];
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = new StampedLock();
        }
        this.table = new LocationTable(firstSets(expected), stripes.length);
        this.complete = complete;
    }

    private int firstSets(long expected) {
        int sets = Math.min(FIRST_SETS, maxSets);
        while (sets < maxSets && expected / sets > FULL_SET) {
            sets *= 2;
        }
        return sets;
    }

    /** The number of locations there is room for at present. */
    int slots() {
        return table.sets() * LocationTable.WAYS;
    }

    long moment() {
        return moment.get();
    }

    static boolean isSuspended(long moment) {
        return (moment & 1) != 0;
    }

    /** To be asked after a lookup that found nothing. */
    boolean isComplete() {
        return complete;
    }

    /** Whether nothing would be found here, or could be removed: so it stays in a store of small values only. */
    boolean isEmpty() {
        return empty;
    }

    /** The location, or null if it is not here; to be asked for only if it was not suspended just before. */
    @Nullable
    Separated find(KeyHash.Value hash, int keyBytes) {
        StampedLock lock = lock(hash);
        long stamp = lock.tryOptimisticRead();
        if (stamp != 0) {
            Separated found = findIn(table, hash, keyBytes);
            if (lock.validate(stamp)) {
                return found;
            }
        }
        stamp = lock.readLock();
        try {
            return findIn(table, hash, keyBytes);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    private static @Nullable Separated findIn(LocationTable table, KeyHash.Value hash, int keyBytes) {
        int slot = table.find(hash);
        return slot == LocationTable.NONE ? null : table.location(slot, keyBytes);
    }

    /** Takes in what the index held at that moment or later, unless it may hold something else by now. */
    void fill(KeyHash.Value hash, int keyBytes, Separated location, long readAt) {
        if (!LocationTable.fits(location, keyBytes)) {
            return;
        }
        StampedLock lock = lock(hash);
        long stamp = lock.writeLock();
        try {
            empty = false; // before looking at the moment: a writer suspends first, and then asks whether this is empty
            // Under the lock: a write that begins after this comes to the same slot after this.
            if (moment.get() == readAt && table.find(hash) == LocationTable.NONE) {
                int slot = table.freeSlot(hash);
                table.set(slot == LocationTable.NONE ? evict(hash) : slot, hash, location);
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Under the lock. */
    private int evict(KeyHash.Value hash) {
        complete = false; // before a reader can miss what goes
        return table.victim(hash);
    }

    /** Writer: from now on nothing here counts. To be called before the index changes. */
    void suspend() {
        if (isSuspended(moment.get())) {
            complete = false;
            forgetAll();
        } else {
            moment.incrementAndGet();
        }
    }

    /** Writer: what is here is what the index holds, again. */
    void resume() {
        moment.incrementAndGet();
    }

    /** Writer, while suspended: the index holds this location for the key. */
    void put(KeyHash.Value hash, int keyBytes, Separated location) {
        if (!LocationTable.fits(location, keyBytes)) {
            complete = false;
            remove(hash);
            return;
        }
        empty = false;
        while (!putIfRoom(hash, location)) {
            grow();
        }
    }

    private boolean putIfRoom(KeyHash.Value hash, Separated location) {
        StampedLock lock = lock(hash);
        long stamp = lock.writeLock();
        try {
            int slot = table.find(hash);
            if (slot == LocationTable.NONE) {
                slot = table.freeSlot(hash);
            }
            if (slot == LocationTable.NONE) {
                if (table.sets() < maxSets) {
                    return false;
                }
                slot = evict(hash);
            }
            table.set(slot, hash, location);
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Writer, while suspended: the index holds no separated location for the key. */
    void remove(KeyHash.Value hash) {
        StampedLock lock = lock(hash);
        long stamp = lock.writeLock();
        try {
            int slot = table.find(hash);
            if (slot != LocationTable.NONE) {
                table.free(slot);
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Writer, while suspended: the index is empty. */
    void clear() {
        forgetAll();
        complete = true;
    }

    private void forgetAll() {
        for (int set = 0; set < table.sets(); set++) {
            StampedLock lock = stripes[set & (stripes.length - 1)];
            long stamp = lock.writeLock();
            table.freeSet(set);
            lock.unlockWrite(stamp);
        }
    }

    /** While suspended, so nobody takes a location in but who holds a lock already. */
    private void grow() {
        LocationTable old = table;
        if (old.sets() == maxSets) {
            return;
        }
        LocationTable larger;
        try {
            larger = new LocationTable(2 * old.sets(), stripes.length);
        } catch (OutOfMemoryError e) {
            // The index may have been written already, and then nothing may fail.
            maxSets = old.sets();
            return;
        }
        for (int set = 0; set < old.sets(); set++) {
            StampedLock lock = stripes[set & (stripes.length - 1)];
            long stamp = lock.writeLock();
            old.copySet(set, larger);
            lock.unlockWrite(stamp);
        }
        table = larger;
    }

    private StampedLock lock(KeyHash.Value hash) {
        return stripes[LocationTable.stripe(hash, stripes.length)];
    }
}
