/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A hash table of locations, by the hash of their key. Its slots are in sets of {@value #WAYS}. A location may be in
 * either of two sets and goes to the one with more room, so most slots are in use before the first location finds none.
 *
 * <p>A set has {@value #SET_BYTES} bytes, little-endian, laid out so that few cache lines of the processor are read:
 * <pre>
 * 0    8 × 8 bytes: the first 64 bits of the hash, of each slot; 0 = free
 * 64   8 × 24 bytes, of each slot:
 *      0   4 bytes: the next 32 bits of the hash
 *      4   4 bytes: file id
 *      8   4 bytes: value length
 *      12  4 bytes: crc
 *      16  1 byte: 1 = was read since it was last passed over, 0 = not; a hint, that readers write without a lock
 *      17  7 bytes: the format tag in the lowest 2 bits, above it the offset
 * </pre>
 * The key length is not stored, because the key that is looked up has it.
 *
 * <p>The sets are in parts of memory outside of the heap. The first part has {@code firstSets} sets, and each further
 * part as many as all before it. So one more part doubles the table, and no memory is wasted.
 *
 * <p>The user guards the table by a lock. It may be read without the lock if the reader then validates that it was not
 * written meanwhile: the result of such a read may be a mix of two locations, but the read always returns.
 */
final class LocationTable {

    static final int WAYS = 8;

    static final int SLOT_BYTES = 32;

    static final int SET_BYTES = WAYS * SLOT_BYTES;

    static final int NONE = -1;

    private static final int WORDS = WAYS * Long.BYTES;
    private static final int WORD_BYTES = SLOT_BYTES - Long.BYTES;
    private static final int FILE_ID = 4;
    private static final int VALUE_BYTES = 8;
    private static final int CRC = 12;
    private static final int OFFSET = 16;
    private static final int USED = 16;
    private static final int OFFSET_SHIFT = 10;
    private static final int FORMAT_TAG_SHIFT = 8;
    private static final long MAX_OFFSET = -1L >>> OFFSET_SHIFT;

    /** The position in the tag of the numbers of the two sets; the bits below select the table. */
    private static final int FIRST_SET_SHIFT = 8;

    private static final int SECOND_SET_SHIFT = 36;

    private final int sets;
    private final int firstSetsBits;
    private final ByteBuffer[] parts;

    private LocationTable(int sets, int firstSetsBits, ByteBuffer... parts) {
        this.sets = sets;
        this.firstSetsBits = firstSetsBits;
        this.parts = parts;
    }

    /**
     * Creates a table with free slots only; returns null if there is no memory for it.
     *
     * @param sets a power of two
     */
    static @Nullable LocationTable create(int sets, DirectMemory memory) {
        ByteBuffer part = memory.take(sets * SET_BYTES);
        return part == null ? null : new LocationTable(sets, Integer.numberOfTrailingZeros(sets), part);
    }

    /**
     * Returns a table with the same locations and twice as many sets, or null if there is no memory for it. This table
     * must not be used any more.
     */
    @Nullable
    LocationTable doubled(IntFunction<@Nullable ByteBuffer> memory) {
        ByteBuffer part = memory.apply(sets * SET_BYTES);
        if (part == null) {
            return null;
        }
        ByteBuffer[] more = Arrays.copyOf(parts, parts.length + 1);
        more[parts.length] = part;
        LocationTable larger = new LocationTable(2 * sets, firstSetsBits, more);
        for (int set = 0; set < sets; set++) {
            divide(set, larger);
        }
        return larger;
    }

    /** Moves locations to the new set whose number differs in one bit, and whose slots are all free. */
    private void divide(int set, LocationTable larger) {
        ByteBuffer part = part(set);
        int at = at(set);
        ByteBuffer target = larger.part(set + sets);
        int targetAt = larger.at(set + sets);
        for (int way = 0; way < WAYS; way++) {
            long tag = tag(part, at, way);
            if (tag != 0) {
                boolean isInFirst = firstSet(tag) == set;
                if ((isInFirst ? larger.firstSet(tag) : larger.secondSet(tag)) != set) {
                    target.putLong(targetAt + way * Long.BYTES, tag);
                    target.put(word(targetAt, way), part, word(at, way), WORD_BYTES);
                    free(part, at, way);
                }
            }
        }
    }

    int sets() {
        return sets;
    }

    long bytes() {
        return (long) sets * SET_BYTES;
    }

    static boolean fits(Separated location, int keyBytes) {
        ValuePointer pointer = location.pointer();
        return pointer.offset() <= MAX_OFFSET && pointer.keyBytes() == keyBytes;
    }

    /** Returns the table that the hash belongs to, of a number of tables that is a power of two up to 256. */
    static int table(KeyHash.Value hash, int tables) {
        return (int) hash.first() & (tables - 1);
    }

    /** Returns the slot of the hash, or {@link #NONE}. */
    int find(KeyHash.Value hash) {
        long tag = tag(hash);
        int slot = find(firstSet(tag), tag, hash);
        return slot == NONE ? find(secondSet(tag), tag, hash) : slot;
    }

    private int find(int set, long tag, KeyHash.Value hash) {
        ByteBuffer part = part(set);
        int at = at(set);
        for (int way = 0; way < WAYS; way++) {
            if (tag(part, at, way) == tag && part.getInt(word(at, way)) == nextBits(hash)) {
                return set * WAYS + way;
            }
        }
        return NONE;
    }

    Separated location(int slot, int keyBytes) {
        ByteBuffer part = part(slot / WAYS);
        int word = word(slot);
        if (part.get(word + USED) == 0) {
            part.put(word + USED, (byte) 1); // only if needed: a write invalidates the cache line of other readers
        }
        long fileId = Integer.toUnsignedLong(part.getInt(word + FILE_ID));
        int valueBytes = part.getInt(word + VALUE_BYTES);
        int crc = part.getInt(word + CRC);
        long last = part.getLong(word + OFFSET);
        int formatTag = (int) (last >>> FORMAT_TAG_SHIFT) & ValueLocation.MAX_FORMAT_TAG;
        return new Separated(formatTag, new ValuePointer(fileId, last >>> OFFSET_SHIFT, keyBytes, valueBytes, crc));
    }

    /** Returns a free slot for the hash, or {@link #NONE}. */
    int freeSlot(KeyHash.Value hash) {
        long tag = tag(hash);
        int first = firstSet(tag);
        int second = secondSet(tag);
        int set = freeSlots(second) > freeSlots(first) ? second : first;
        for (int way = 0; way < WAYS; way++) {
            if (tag(part(set), at(set), way) == 0) {
                return set * WAYS + way;
            }
        }
        return NONE;
    }

    private int freeSlots(int set) {
        ByteBuffer part = part(set);
        int at = at(set);
        int free = 0;
        for (int way = 0; way < WAYS; way++) {
            free += tag(part, at, way) == 0 ? 1 : 0;
        }
        return free;
    }

    /** Returns the slot to evict if none is free: one that was not read since it was last passed over here. */
    int victim(KeyHash.Value hash) {
        long tag = tag(hash);
        int first = firstSet(tag) * WAYS;
        int second = secondSet(tag) * WAYS;
        int start = (int) hash.second(); // bits that nothing else depends on, as good as random
        for (int i = 0; i < 2 * WAYS; i++) {
            int way = (start + i) & (2 * WAYS - 1);
            int slot = way < WAYS ? first + way : second + way - WAYS;
            ByteBuffer part = part(slot / WAYS);
            int used = word(slot) + USED;
            if (part.get(used) == 0) {
                return slot;
            }
            part.put(used, (byte) 0);
        }
        return first + (start & (WAYS - 1));
    }

    /** Stores a location, which counts as not read yet unless the slot already held this hash. */
    void set(int slot, KeyHash.Value hash, Separated location) {
        ValuePointer pointer = location.pointer();
        ByteBuffer part = part(slot / WAYS);
        int word = word(slot);
        long used = part.get(word + USED);
        part.putLong(at(slot / WAYS) + slot % WAYS * Long.BYTES, tag(hash));
        part.putInt(word, nextBits(hash));
        part.putInt(word + FILE_ID, (int) pointer.fileId());
        part.putInt(word + VALUE_BYTES, pointer.valueBytes());
        part.putInt(word + CRC, pointer.crc());
        long formatTag = (long) location.formatTag() << FORMAT_TAG_SHIFT;
        part.putLong(word + OFFSET, pointer.offset() << OFFSET_SHIFT | formatTag | used);
    }

    void free(int slot) {
        free(part(slot / WAYS), at(slot / WAYS), slot % WAYS);
    }

    private static void free(ByteBuffer part, int at, int way) {
        part.putLong(at + way * Long.BYTES, 0);
        part.put(word(at, way) + USED, (byte) 0);
    }

    void freeAll() {
        for (int slot = 0; slot < sets * WAYS; slot++) {
            free(slot);
        }
    }

    private static long tag(KeyHash.Value hash) {
        return hash.first() == 0 ? 1L << SECOND_SET_SHIFT : hash.first();
    }

    private static int nextBits(KeyHash.Value hash) {
        return (int) (hash.second() >>> Integer.SIZE);
    }

    private int firstSet(long tag) {
        return (int) (tag >>> FIRST_SET_SHIFT) & (sets - 1);
    }

    private int secondSet(long tag) {
        return (int) (tag >>> SECOND_SET_SHIFT) & (sets - 1);
    }

    private ByteBuffer part(int set) {
        return parts[number(set)];
    }

    /** Returns the offset of the set in its part. */
    private int at(int set) {
        int number = number(set);
        int first = number == 0 ? 0 : 1 << (firstSetsBits + number - 1);
        return (set - first) * SET_BYTES;
    }

    private int number(int set) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(set >>> firstSetsBits);
    }

    private static long tag(ByteBuffer part, int at, int way) {
        return part.getLong(at + way * Long.BYTES);
    }

    private int word(int slot) {
        return word(at(slot / WAYS), slot % WAYS);
    }

    private static int word(int at, int way) {
        return at + WORDS + way * WORD_BYTES;
    }
}
