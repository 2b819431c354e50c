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
 * A cache of the separated locations of an index, by the hash of their key, up to a limit of memory.
 *
 * <p>The cache agrees with the index except while it is <em>suspended</em>. Each write to the index suspends it, from
 * before the index changes until the cache has the same changes. If a reader finds the cache not suspended, and then
 * finds a location in it, the index held that location at some moment in between: either no write came in the meantime,
 * or the location is the one from before the write, or the one that the write brought, which is in the index by then. A
 * moment is a number that changes when a suspension begins and when it ends. A location that was read from the index is
 * taken in only if the moment has not changed since before the read.
 *
 * <p>A write that fails does not end the suspension, because the index may have a part of it. The next write empties
 * the cache first.
 *
 * <p>The cache is <em>complete</em> if the index holds no separated location that the cache lacks. It is complete from
 * the beginning if the index has no separated locations, until the first location for which it has no room.
 *
 * <p>The cache starts small and doubles as it fills, one part at a time. It has any number of readers and one writer at
 * a time, whose methods are marked. A reader waits at most while another thread copies a location, or, rarely, doubles
 * a part.
 */
final class LocationCache {

    private static final int MAX_STRIPES = 16;
    private static final int FIRST_SETS = 2;

    /** The smallest useful size, one set. With less there is no cache. */
    static final long MIN_BYTES = LocationTable.SET_BYTES;

    /** Room for a million locations. Beyond it the cache grows only if enough is left for caches of other stores. */
    static final long LARGE_BYTES = 32L << 20;

    /** The largest size that the tables support. */
    static final long MAX_BYTES = 1L << 34;

    private final DirectMemory memory;
    private final Stripe[] stripes;

    /** Even, or odd while suspended. */
    private final AtomicLong moment = new AtomicLong();

    private volatile boolean complete;

    /** Whether the cache never held a location. */
    private volatile boolean empty = true;

    /** The locations whose hashes have the same low bits. */
    private static final class Stripe {

        /** Held to copy a location, or to double the table; never during I/O. */
        final StampedLock lock = new StampedLock();

        volatile LocationTable table;

        /** Guarded by the lock. */
        int maxSets;

        Stripe(LocationTable table, int maxSets) {
            this.table = table;
            this.maxSets = maxSets;
        }
    }

    private LocationCache(DirectMemory memory, Stripe[] stripes, boolean complete) {
        this.memory = memory;
        this.stripes = stripes;
        this.complete = complete;
    }

    /**
     * Creates an empty cache, or returns null if there is no memory for it.
     *
     * @param complete whether the index holds no separated location
     */
    static @Nullable LocationCache create(DirectMemory memory, long maxBytes, boolean complete) {
        int maxSets = (int) (Long.highestOneBit(Math.min(maxBytes, MAX_BYTES)) / LocationTable.SET_BYTES);
        Stripe[] stripes = new Stripe[Math.min(MAX_STRIPES, Math.max(1, maxSets / 2))];
        LocationCache cache = new LocationCache(memory, stripes, complete);
        int maxStripeSets = maxSets / stripes.length;
        for (int i = 0; i < stripes.length; i++) {
            LocationTable table = LocationTable.create(Math.min(FIRST_SETS, maxStripeSets), memory);
            if (table == null) {
                cache.close();
                return null;
            }
            stripes[i] = new Stripe(table, maxStripeSets);
        }
        return cache;
    }

    /** Returns the number of locations that there is room for at present. */
    int slots() {
        int sets = 0;
        for (Stripe stripe : stripes) {
            sets += stripe.table.sets();
        }
        return sets * LocationTable.WAYS;
    }

    long moment() {
        return moment.get();
    }

    static boolean isSuspended(long moment) {
        return (moment & 1) != 0;
    }

    /** Returns whether the cache is complete. Ask only after a lookup that found nothing. */
    boolean isComplete() {
        return complete;
    }

    /** Returns whether the cache never held a location, as in a store of small values only. */
    boolean isEmpty() {
        return empty;
    }

    /** Returns the location, or null if the cache lacks it. Ask only if the cache was not suspended just before. */
    @Nullable
    Separated find(KeyHash.Value hash, int keyBytes) {
        Stripe stripe = stripe(hash);
        StampedLock lock = stripe.lock;
        long stamp = lock.tryOptimisticRead();
        if (stamp != 0) {
            Separated found = findIn(stripe.table, hash, keyBytes);
            if (lock.validate(stamp)) {
                return found;
            }
        }
        stamp = lock.readLock();
        try {
            return findIn(stripe.table, hash, keyBytes);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    private static @Nullable Separated findIn(LocationTable table, KeyHash.Value hash, int keyBytes) {
        int slot = table.find(hash);
        return slot == LocationTable.NONE ? null : table.location(slot, keyBytes);
    }

    /** Takes in a location that was read from the index after that moment, unless a write has begun since. */
    void fill(KeyHash.Value hash, int keyBytes, Separated location, long readAt) {
        if (!LocationTable.fits(location, keyBytes)) {
            return;
        }
        Stripe stripe = stripe(hash);
        long stamp = stripe.lock.writeLock();
        try {
            empty = false; // before reading the moment: a writer suspends first, and then asks whether this is empty
            // Under the lock: a write that begins later gets to the same slot later.
            if (moment.get() == readAt && stripe.table.find(hash) == LocationTable.NONE) {
                int slot = newSlot(stripe, hash);
                stripe.table.set(slot, hash, location);
            }
        } finally {
            stripe.lock.unlockWrite(stamp);
        }
    }

    /** Writer: suspends the cache. Called before the index changes. */
    void suspend() {
        if (isSuspended(moment.get())) {
            complete = false;
            forgetAll();
        } else {
            moment.incrementAndGet();
        }
    }

    /** Writer: ends the suspension, because the cache agrees with the index again. */
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
        Stripe stripe = stripe(hash);
        long stamp = stripe.lock.writeLock();
        try {
            int slot = stripe.table.find(hash);
            if (slot == LocationTable.NONE) {
                slot = newSlot(stripe, hash);
            }
            stripe.table.set(slot, hash, location);
        } finally {
            stripe.lock.unlockWrite(stamp);
        }
    }

    /** Returns a slot for a new location, under the lock. */
    private int newSlot(Stripe stripe, KeyHash.Value hash) {
        int slot = stripe.table.freeSlot(hash);
        while (slot == LocationTable.NONE && grow(stripe)) {
            slot = stripe.table.freeSlot(hash);
        }
        if (slot == LocationTable.NONE) {
            complete = false; // before a reader can miss the evicted location
            slot = stripe.table.victim(hash);
        }
        return slot;
    }

    private boolean grow(Stripe stripe) {
        LocationTable table = stripe.table;
        boolean isLarge = table.bytes() * stripes.length >= LARGE_BYTES;
        LocationTable doubled =
                table.sets() == stripe.maxSets ? null : table.doubled(isLarge ? memory::takeSpare : memory::take);
        if (doubled == null) {
            stripe.maxSets = table.sets(); // so that it does not ask for memory again and again
            return false;
        }
        stripe.table = doubled;
        return true;
    }

    /** Writer, while suspended: the index holds no separated location for the key. */
    void remove(KeyHash.Value hash) {
        Stripe stripe = stripe(hash);
        long stamp = stripe.lock.writeLock();
        try {
            int slot = stripe.table.find(hash);
            if (slot != LocationTable.NONE) {
                stripe.table.free(slot);
            }
        } finally {
            stripe.lock.unlockWrite(stamp);
        }
    }

    /** Writer, while suspended: the index is empty. */
    void clear() {
        forgetAll();
        complete = true;
    }

    private void forgetAll() {
        for (Stripe stripe : stripes) {
            long stamp = stripe.lock.writeLock();
            stripe.table.freeAll();
            stripe.lock.unlockWrite(stamp);
        }
    }

    private Stripe stripe(KeyHash.Value hash) {
        return stripes[LocationTable.table(hash, stripes.length)];
    }

    /** Gives the memory back. Called when the cache is no longer used. */
    void close() {
        for (Stripe stripe : stripes) {
            if (stripe != null) {
                memory.giveBack(stripe.table.bytes());
            }
        }
    }
}
