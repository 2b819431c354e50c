/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The records of a VLog file that died in one write to the index, as an entry of the column family {@code commit}. A
 * record dies once, so its offset is in one entry only, and the smallest offset of an entry identifies the entry.
 *
 * <pre>
 * key      size  field
 *             1  'd'
 *             4  VLog file id (u32)
 *             4  unit of the record that begins first (u32)
 * value   4 * n  units of the others, ascending (u32)
 * </pre>
 *
 * <p>A unit is an offset in the file divided by {@value #UNIT_BYTES}. No record is smaller, so no two records begin in
 * the same unit. Records beyond 32 GiB, whose units would not fit, are not listed. Big-endian. Stateless.
 */
final class DeadList {

    static final byte PREFIX = 'd';

    private static final int UNIT_BYTES = 8;
    private static final long MAX_UNIT = 0xFFFF_FFFFL;
    private static final int KEY_BYTES = 1 + 2 * Integer.BYTES;

    private DeadList() {}

    /** One entry. */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    record Entry(byte[] key, byte[] value) {}

    static long unit(long offset) {
        return offset / UNIT_BYTES;
    }

    /** Returns the units of those records that can be listed, ascending. */
    static long[] units(long[] offsets) {
        return Arrays.stream(offsets)
                .map(DeadList::unit)
                .filter(unit -> unit <= MAX_UNIT)
                .sorted()
                .toArray();
    }

    /** @param units ascending, at least one */
    static Entry encode(long fileId, long[] units) {
        ByteBuffer value = ByteBuffer.allocate((units.length - 1) * Integer.BYTES);
        for (int i = 1; i < units.length; i++) {
            value.putInt((int) units[i]);
        }
        return new Entry(prefix(fileId, KEY_BYTES).putInt((int) units[0]).array(), value.array());
    }

    /** Passes the units of an entry to the consumer. */
    static void decode(byte[] key, byte[] value, LongConsumer units) throws IndexDamagedException {
        if (key.length != KEY_BYTES || value.length % Integer.BYTES != 0) {
            throw new IndexDamagedException("a list of dead records has a key of " + key.length + " bytes, expected "
                    + KEY_BYTES + ", and a value of " + value.length + ", expected a multiple of " + Integer.BYTES);
        }
        units.accept(Integer.toUnsignedLong(ByteBuffer.wrap(key).getInt(KEY_BYTES - Integer.BYTES)));
        ByteBuffer others = ByteBuffer.wrap(value);
        while (others.hasRemaining()) {
            units.accept(Integer.toUnsignedLong(others.getInt()));
        }
    }

    /** Returns the prefix of the keys of all entries of a file. */
    static byte[] keysOf(long fileId) {
        return prefix(fileId, 1 + Integer.BYTES).array();
    }

    /** Returns the smallest key after those of the file. */
    static byte[] keyAfter(long fileId) {
        return fileId == MAX_UNIT ? new byte[] {PREFIX + 1} : keysOf(fileId + 1);
    }

    static long fileId(byte[] key) {
        return Integer.toUnsignedLong(ByteBuffer.wrap(key).getInt(1));
    }

    private static ByteBuffer prefix(long fileId, int bytes) {
        return ByteBuffer.allocate(bytes).put(PREFIX).putInt((int) fileId);
    }
}
