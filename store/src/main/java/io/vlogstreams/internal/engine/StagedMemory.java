/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the staged writes of one store may take, and that of all stores of the process together.
 *
 * <p>The total is counted in steps, so that a put does not touch memory that all writers share. Used by the one writer
 * of a store.
 */
final class StagedMemory {

    private static final AtomicLong TOTAL_BYTES = new AtomicLong();

    /**
     * By how much a store's count may be off in the total, and the least it has staged when the total makes it spill.
     */
    private static final long STEP_BYTES = 64 * 1024;

    private final long maxBytes;
    private final long maxTotalBytes;
    private long countedBytes;

    StagedMemory(long maxBytes, long maxTotalBytes) {
        this.maxBytes = maxBytes;
        this.maxTotalBytes = maxTotalBytes;
    }

    /** Whether a store that has so much staged has to spill it. */
    boolean isExceeded(long stagedBytes) {
        long uncounted = stagedBytes - countedBytes;
        if (uncounted >= STEP_BYTES) {
            countedBytes = stagedBytes;
            TOTAL_BYTES.addAndGet(uncounted);
        }
        // A store with next to nothing staged does not spill for what others hold: that would win nothing.
        return stagedBytes > maxBytes || (countedBytes > 0 && TOTAL_BYTES.get() > maxTotalBytes);
    }

    /** Whether that is at least half true, so that it is time for a commit. As {@link #isExceeded} has counted it. */
    boolean isHalfUsed(long stagedBytes) {
        return stagedBytes > maxBytes / 2 || (countedBytes > 0 && TOTAL_BYTES.get() > maxTotalBytes / 2);
    }

    /** Nothing is staged any more. */
    void released() {
        TOTAL_BYTES.addAndGet(-countedBytes);
        countedBytes = 0;
    }
}
