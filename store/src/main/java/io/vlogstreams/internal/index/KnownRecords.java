/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.util.Arrays;

/**
 * The records of one VLog file as the index knows them at one moment: the counters of the live ones, and the list of
 * dead ones.
 *
 * <p>Immutable by convention (the array must not be changed); thread-safe.
 */
public final class KnownRecords {

    private final LiveRecords live;
    private final long[] dead;

    /** @param dead {@linkplain DeadList units} in any order; the array is kept and sorted */
    KnownRecords(LiveRecords live, long[] dead) {
        this.live = live;
        this.dead = dead;
        Arrays.sort(dead);
    }

    /** Returns the counters of the live records. */
    public LiveRecords live() {
        return live;
    }

    /** Returns whether the record at the offset is listed as dead: no location names it, now or later. */
    public boolean isDead(long offset) {
        return Arrays.binarySearch(dead, DeadList.unit(offset)) >= 0;
    }

    /** Returns the number of dead records that are listed. */
    int deadCount() {
        return dead.length;
    }
}
