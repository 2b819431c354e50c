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
 * <p>What it holds is what the index holds, except while it is <em>suspended</em>: it is by each write to the index,
 * from before the index changes until the same was changed here. Who finds it not suspended, and then a location, knows
 * that the index held that at some moment in between: either no write has come meanwhile, or the location is that from
 * before the write, or the one that the write has brought, and that is in the index by then. A moment is a number that
 * changes when a suspension begins and when it ends; what was read from the index is taken in only if the moment is
 * still that before it was read.
 *
 * <p>A write that fails does not end the suspension, because nobody knows what of it the index has: the next one
 * forgets everything first.
 *
 * <p>It is <em>complete</em> if what it does not hold the index does not hold either: from its beginning over an index
 * without separated locations until it has no room for one.
 *
 * <p>It is small at first and doubles as it fills, a part at a time. Any number of readers, which wait for nobody who
 * does more than copy a location, but for a part that is doubled, a few times in its life; one writer at a time, whose
 * calls are marked.
 */
final class LocationCache {

    private static final int MAX_STRIPES = 16;
    private static final int FIRST_SETS = 2;

    /** The least that is of use, a set; what is smaller is no cache. */
    static final long MIN_BYTES = LocationTable.SET_BYTES;

    /** Beyond this it grows only as long as caches of other stores keep enough: it is room for a million locations. */
    static final long LARGE_BYTES = 32L << 20;

    /** The most that the tables can be divided into. */
    static final long MAX_BYTES = 1L << 34;

    private final DirectMemory memory;
    private final Stripe[] stripes;

    /** Even, or odd while suspended. */
    private final AtomicLong moment = new AtomicLong();

    private volatile boolean complete;

    /** Whether no location was ever here. */
    private volatile boolean empty = true;

    /** The part of the locations whose hash has the same last bits. */
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
     * An empty one, or null if there is no memory for it.
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

    /** The number of locations there is room for at present. */
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

    /** Takes in what the index held at that moment or later, unless it may hold something else by now. */
    void fill(KeyHash.Value hash, int keyBytes, Separated location, long readAt) {
        if (!LocationTable.fits(location, keyBytes)) {
            return;
        }
        Stripe stripe = stripe(hash);
        long stamp = stripe.lock.writeLock();
        try {
            empty = false; // before looking at the moment: a writer suspends first, and then asks whether this is empty
            // Under the lock: a write that begins after this comes to the same slot after this.
            if (moment.get() == readAt && stripe.table.find(hash) == LocationTable.NONE) {
                int slot = newSlot(stripe, hash);
                stripe.table.set(slot, hash, location);
            }
        } finally {
            stripe.lock.unlockWrite(stamp);
        }
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

    /** A slot for what is not there, under the lock. */
    private int newSlot(Stripe stripe, KeyHash.Value hash) {
        int slot = stripe.table.freeSlot(hash);
        while (slot == LocationTable.NONE && grow(stripe)) {
            slot = stripe.table.freeSlot(hash);
        }
        if (slot == LocationTable.NONE) {
            complete = false; // before a reader can miss what goes
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
            stripe.maxSets = table.sets(); // not asking for memory each time that there was none
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

    /** When nobody uses it any more. */
    void close() {
        for (Stripe stripe : stripes) {
            if (stripe != null) {
                memory.giveBack(stripe.table.bytes());
            }
        }
    }
}
