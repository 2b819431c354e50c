/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.vlog.ValuePointer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Records that no location names any more, as far as they are remembered: a relocation does not have to ask the index for
 * them.
 *
 * <p>A dead record stays dead, because no record is written to the same place again. To have forgotten one costs a lookup
 * and nothing else, so memory is bounded, and nothing of this is kept on disk.
 *
 * <p>Guarded by its user.
 */
final class DeadRecords {

    /** 4 bytes each, and up to half as much again. */
    private static final int MAX_RECORDS = 1 << 20;

    /** No record is smaller, so two of them never begin in the same unit; and an {@code int} counts 16 GiB of them. */
    private static final int UNIT_BYTES = 8;

    private static final int FIRST_CAPACITY = 16;

    private final int maxRecords;
    private final Map<Long, Units> byFile = new HashMap<>();
    private int records;

    DeadRecords() {
        this(MAX_RECORDS);
    }

    DeadRecords(int maxRecords) {
        this.maxRecords = maxRecords;
    }

    /** Remembers these, if there is room. */
    void add(long fileId, Units dead) {
        if (dead.count > 0 && records + dead.count <= maxRecords) {
            byFile.computeIfAbsent(fileId, id -> new Units()).add(dead);
            records += dead.count;
        }
    }

    /** The file is about to go. */
    void forget(long fileId) {
        Units gone = byFile.remove(fileId);
        records -= gone == null ? 0 : gone.count;
    }

    /** What is remembered of the file now, to be asked in any order. */
    InFile in(long fileId) {
        Units dead = byFile.get(fileId);
        int[] sorted = dead == null ? new int[0] : Arrays.copyOf(dead.units, dead.count);
        Arrays.sort(sorted);
        return new InFile(sorted);
    }

    /** Dead records of one file, where they begin. One thread. */
    static final class Units {

        private int[] units = new int[FIRST_CAPACITY];
        private int count;

        /** Adds the record, if it begins where an {@code int} can count to. */
        void add(ValuePointer record) {
            long unit = record.offset() / UNIT_BYTES;
            if (unit <= Integer.MAX_VALUE) {
                makeRoom(1);
                units[count++] = (int) unit;
            }
        }

        private void add(Units others) {
            makeRoom(others.count);
            System.arraycopy(others.units, 0, units, count, others.count);
            count += others.count;
        }

        private void makeRoom(int more) {
            if (count + more > units.length) {
                units = Arrays.copyOf(units, Math.max(count + more, units.length + (units.length >> 1)));
            }
        }
    }

    /** What was remembered of a file at one moment. Immutable. */
    static final class InFile {

        private final int[] sorted;

        private InFile(int[] sorted) {
            this.sorted = sorted;
        }

        /** Whether the record that begins there is known to be dead. */
        boolean contains(long offset) {
            long unit = offset / UNIT_BYTES;
            return unit <= Integer.MAX_VALUE && Arrays.binarySearch(sorted, (int) unit) >= 0;
        }
    }
}
