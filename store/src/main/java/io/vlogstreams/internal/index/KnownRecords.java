/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.util.Arrays;

/**
 * What an index knows at one moment of the records in one VLog file.
 *
 * <p>Immutable by convention (nobody changes the array); any thread.
 */
public final class KnownRecords {

    private final LiveRecords live;
    private final long[] dead;

    /** @param dead {@linkplain DeadList units}, in any order; kept, and put in order */
    KnownRecords(LiveRecords live, long[] dead) {
        this.live = live;
        this.dead = dead;
        Arrays.sort(dead);
    }

    /** The records that a location names. */
    public LiveRecords live() {
        return live;
    }

    /** Whether the record that begins there is known to be dead: named by no location, now and for ever. */
    public boolean isDead(long offset) {
        return Arrays.binarySearch(dead, DeadList.unit(offset)) >= 0;
    }

    /** How many dead records are known. */
    int deadCount() {
        return dead.length;
    }
}
