/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.Arrays;

/**
 * Where records of one file begin, in any order.
 *
 * <p>Not thread-safe.
 */
final class Offsets {

    /** No record is smaller, so two of them never begin in the same unit. */
    private static final int UNIT_BYTES = 8;

    private static final long[] NONE = {};
    private static final int FIRST_CAPACITY = 16;

    private long[] units = NONE;
    private int count;

    void add(long offset) {
        makeRoom(1);
        units[count++] = offset / UNIT_BYTES;
    }

    void addAll(Offsets others) {
        makeRoom(others.count);
        System.arraycopy(others.units, 0, units, count, others.count);
        count += others.count;
    }

    private void makeRoom(int more) {
        if (count + more > units.length) {
            int grown = Math.max(FIRST_CAPACITY, units.length + (units.length >> 1));
            units = Arrays.copyOf(units, Math.max(count + more, grown));
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** A copy of those that are there now. */
    long[] toArray() {
        long[] offsets = new long[count];
        for (int i = 0; i < count; i++) {
            offsets[i] = units[i] * UNIT_BYTES;
        }
        return offsets;
    }

    /** Forgets those before this one. */
    void dropBefore(long offset) {
        long first = offset / UNIT_BYTES;
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (units[i] >= first) {
                units[kept++] = units[i];
            }
        }
        count = kept;
    }

    /** A copy of those that are there now. */
    Sorted sorted() {
        return new Sorted(Arrays.copyOf(units, count));
    }

    /** Offsets that can be looked up. Immutable. */
    static final class Sorted {

        private final long[] units;

        private Sorted(long[] units) {
            Arrays.sort(units);
            this.units = units;
        }

        boolean contains(long offset) {
            return Arrays.binarySearch(units, offset / UNIT_BYTES) >= 0;
        }
    }
}
