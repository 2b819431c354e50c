/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import io.vlogstreams.internal.vlog.ValuePointer;

/**
 * A number of slots for locations, found by the hash of their key. The slots are in sets of {@value #WAYS}, and a location
 * may be in either of two sets, whichever had more room: so most slots are taken before the first location finds none.
 *
 * <p>A slot:
 * <pre>
 * tags[slot]          the first 64 bits of the hash; 0 = free
 * words[3 slot]       the next 32 bits of the hash; file id
 * words[3 slot + 1]   value length; crc
 * words[3 slot + 2]   62 bits of offset; format tag
 * </pre>
 * The key length is that of the key that is looked up.
 *
 * <p>Guarded by its user, who may read it without a lock if he then finds out whether it was written meanwhile: what such a
 * read gives may be mixed from two locations, but it gives something.
 */
final class LocationTable {

    static final int WAYS = 8;

    /** What a slot takes, but for the byte that says whether it was of use. */
    static final int SLOT_BYTES = 32;

    static final int NONE = -1;

    private static final int WORDS = 3;
    private static final long HIGH_HALF = 0xFFFF_FFFF_0000_0000L;
    private static final int FORMAT_TAG_BITS = 2;
    private static final long MAX_OFFSET = Long.MAX_VALUE >>> FORMAT_TAG_BITS;

    private final int sets;
    private final int stripes;
    private final long[] tags;
    private final long[] words;

    /** Whether a slot was read since it was last passed over; a hint, that readers write without a lock. */
    private final byte[] used;

    /**
     * All slots are free.
     *
     * @param sets a power of two
     * @param stripes a power of two, not more than the sets: both sets of a hash are in the same of them, whatever the size
     */
    LocationTable(int sets, int stripes) {
        this.sets = sets;
        this.stripes = stripes;
        this.tags = new long[sets * WAYS];
        this.words = new long[sets * WAYS * WORDS];
        this.used = new byte[sets * WAYS];
    }

    int sets() {
        return sets;
    }

    static boolean fits(Separated location, int keyBytes) {
        ValuePointer pointer = location.pointer();
        return pointer.offset() <= MAX_OFFSET && pointer.keyBytes() == keyBytes;
    }

    static int stripe(KeyHash.Value hash, int stripes) {
        return (int) tag(hash) & (stripes - 1);
    }

    /** The slot of the hash, or {@link #NONE}. */
    int find(KeyHash.Value hash) {
        long tag = tag(hash);
        int slot = find(firstSet(tag), tag, hash);
        return slot == NONE ? find(secondSet(tag), tag, hash) : slot;
    }

    private int find(int set, long tag, KeyHash.Value hash) {
        int end = (set + 1) * WAYS;
        for (int slot = set * WAYS; slot < end; slot++) {
            if (tags[slot] == tag && ((words[slot * WORDS] ^ hash.second()) & HIGH_HALF) == 0) {
                return slot;
            }
        }
        return NONE;
    }

    Separated location(int slot, int keyBytes) {
        if (used[slot] == 0) {
            used[slot] = 1; // not always written: a write takes the memory away from the other readers
        }
        int word = slot * WORDS;
        long fileId = words[word] & ~HIGH_HALF;
        int valueBytes = (int) (words[word + 1] >>> Integer.SIZE);
        int crc = (int) words[word + 1];
        long offset = words[word + 2] >>> FORMAT_TAG_BITS;
        int formatTag = (int) words[word + 2] & ValueLocation.MAX_FORMAT_TAG;
        return new Separated(formatTag, new ValuePointer(fileId, offset, keyBytes, valueBytes, crc));
    }

    /** A free slot for the hash, or {@link #NONE}. */
    int freeSlot(KeyHash.Value hash) {
        long tag = tag(hash);
        int first = firstSet(tag);
        int second = secondSet(tag);
        return find(freeSlots(second) > freeSlots(first) ? second : first);
    }

    private int find(int set) {
        int end = (set + 1) * WAYS;
        for (int slot = set * WAYS; slot < end; slot++) {
            if (tags[slot] == 0) {
                return slot;
            }
        }
        return NONE;
    }

    private int freeSlots(int set) {
        int free = 0;
        int end = (set + 1) * WAYS;
        for (int slot = set * WAYS; slot < end; slot++) {
            free += tags[slot] == 0 ? 1 : 0;
        }
        return free;
    }

    /** The slot that the hash may have when none is free: one that was not read since it was last passed over here. */
    int victim(KeyHash.Value hash) {
        long tag = tag(hash);
        int first = firstSet(tag) * WAYS;
        int second = secondSet(tag) * WAYS;
        int start = (int) hash.second(); // bits that nothing else depends on: as good as at random
        for (int i = 0; i < 2 * WAYS; i++) {
            int way = (start + i) & (2 * WAYS - 1);
            int slot = way < WAYS ? first + way : second + way - WAYS;
            if (used[slot] == 0) {
                return slot;
            }
            used[slot] = 0;
        }
        return first + (start & (WAYS - 1));
    }

    void set(int slot, KeyHash.Value hash, Separated location) {
        ValuePointer pointer = location.pointer();
        int word = slot * WORDS;
        tags[slot] = tag(hash);
        words[word] = (hash.second() & HIGH_HALF) | pointer.fileId();
        words[word + 1] = ((long) pointer.valueBytes() << Integer.SIZE) | Integer.toUnsignedLong(pointer.crc());
        words[word + 2] = (pointer.offset() << FORMAT_TAG_BITS) | location.formatTag();
    }

    void free(int slot) {
        tags[slot] = 0;
        used[slot] = 0;
    }

    /** Frees the slots of a set. */
    void freeSet(int set) {
        for (int slot = set * WAYS; slot < (set + 1) * WAYS; slot++) {
            free(slot);
        }
    }

    /** Copies a set to a larger table, where there is room for it: each set of that one gets locations of one set only. */
    void copySet(int set, LocationTable larger) {
        for (int slot = set * WAYS; slot < (set + 1) * WAYS; slot++) {
            long tag = tags[slot];
            if (tag != 0) {
                boolean isInFirst = firstSet(tag) == set;
                int target = larger.find(isInFirst ? larger.firstSet(tag) : larger.secondSet(tag));
                larger.tags[target] = tag;
                System.arraycopy(words, slot * WORDS, larger.words, target * WORDS, WORDS);
                larger.used[target] = used[slot];
            }
        }
    }

    private static long tag(KeyHash.Value hash) {
        return hash.first() == 0 ? 1 : hash.first();
    }

    private int firstSet(long tag) {
        return (int) tag & (sets - 1);
    }

    private int secondSet(long tag) {
        int same = stripes - 1;
        return ((int) (tag >>> Integer.SIZE) & (sets - 1) & ~same) | ((int) tag & same);
    }
}
