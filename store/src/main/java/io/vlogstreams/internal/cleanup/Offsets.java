/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.Arrays;

/**
 * A growing list of the offsets of records of one file, in any order.
 *
 * <p>Not thread-safe.
 */
final class Offsets {

    private static final long[] NONE = {};
    private static final int FIRST_CAPACITY = 16;

    private long[] offsets = NONE;
    private int count;

    void add(long offset) {
        makeRoom(1);
        offsets[count++] = offset;
    }

    void addAll(Offsets others) {
        makeRoom(others.count);
        System.arraycopy(others.offsets, 0, offsets, count, others.count);
        count += others.count;
    }

    private void makeRoom(int more) {
        if (count + more > offsets.length) {
            int grown = Math.max(FIRST_CAPACITY, offsets.length + (offsets.length >> 1));
            offsets = Arrays.copyOf(offsets, Math.max(count + more, grown));
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    /** Returns a copy of the offsets. */
    long[] toArray() {
        return Arrays.copyOf(offsets, count);
    }

    /** Removes the offsets before this one. */
    void dropBefore(long offset) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (offsets[i] >= offset) {
                offsets[kept++] = offsets[i];
            }
        }
        count = kept;
    }

    /** Returns a sorted copy of the offsets. */
    Sorted sorted() {
        return new Sorted(toArray());
    }

    /** Sorted offsets for lookups. Immutable. */
    static final class Sorted {

        private final long[] offsets;

        private Sorted(long[] offsets) {
            Arrays.sort(offsets);
            this.offsets = offsets;
        }

        boolean contains(long offset) {
            return Arrays.binarySearch(offsets, offset) >= 0;
        }
    }
}
