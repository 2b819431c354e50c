/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.index.KeyOrder;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A hash table of staged keys with linear probing. Entries are never removed.
 *
 * <p>For one writer and any number of readers, which never wait and find all entries that were added before the call.
 */
final class StagedTable {

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(StagedEntry[].class);

    private static final int FIRST_SLOTS = 64;

    /** The length is a power of two, and at most half of the slots are in use. */
    private volatile @Nullable StagedEntry[] slots = new StagedEntry[FIRST_SLOTS];

    private volatile int count;

    int count() {
        return count;
    }

    @Nullable
    StagedEntry find(byte[] key, int hash) {
        @Nullable StagedEntry[] now = slots;
        for (int slot = hash & (now.length - 1); ; slot = (slot + 1) & (now.length - 1)) {
            StagedEntry entry = (StagedEntry) SLOT.getAcquire(now, slot);
            if (entry == null || entry.isOf(key, hash)) {
                return entry;
            }
        }
    }

    /** Writer: adds an entry with a new key. */
    void add(StagedEntry entry) {
        int more = count + 1;
        if (2L * more > slots.length) {
            grow();
        }
        add(slots, entry);
        count = more;
    }

    private static void add(@Nullable StagedEntry[] slots, StagedEntry entry) {
        int slot = entry.hash() & (slots.length - 1);
        while (slots[slot] != null) {
            slot = (slot + 1) & (slots.length - 1);
        }
        SLOT.setRelease(slots, slot, entry);
    }

    private void grow() {
        @Nullable StagedEntry[] larger = new StagedEntry[Math.multiplyExact(2, slots.length)];
        for (StagedEntry entry : slots) {
            if (entry != null) {
                add(larger, entry);
            }
        }
        slots = larger;
    }

    /** Writer: returns all entries in key order. */
    StagedEntry[] sorted() {
        StagedEntry[] sorted = new StagedEntry[count];
        int next = 0;
        for (StagedEntry entry : slots) {
            if (entry != null) {
                sorted[next++] = entry;
            }
        }
        KeyOrder.sort(sorted, StagedEntry::key);
        return sorted;
    }
}
