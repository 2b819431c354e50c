/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory limits for the staged writes of one store, and of all stores of the process together.
 *
 * <p>The total is updated in steps, so that most puts do not touch memory that all writers share. Used by the one
 * writer of a store.
 */
final class StagedMemory {

    private static final AtomicLong TOTAL_BYTES = new AtomicLong();

    /**
     * The inaccuracy of a store's share of the total, and the least that a store must have staged to spill because of
     * the total.
     */
    private static final long STEP_BYTES = 64 * 1024;

    private final long maxBytes;
    private final long maxTotalBytes;
    private long countedBytes;

    StagedMemory(long maxBytes, long maxTotalBytes) {
        this.maxBytes = maxBytes;
        this.maxTotalBytes = maxTotalBytes;
    }

    /** Returns whether a store with so many staged bytes has to spill. */
    boolean isExceeded(long stagedBytes) {
        long uncounted = stagedBytes - countedBytes;
        if (uncounted >= STEP_BYTES) {
            countedBytes = stagedBytes;
            TOTAL_BYTES.addAndGet(uncounted);
        }
        // A store with few staged bytes does not spill because of others, which would gain nothing.
        return stagedBytes > maxBytes || (countedBytes > 0 && TOTAL_BYTES.get() > maxTotalBytes);
    }

    /** Returns whether half of a limit is exceeded, so that a commit should be requested. Call after isExceeded. */
    boolean isHalfUsed(long stagedBytes) {
        return stagedBytes > maxBytes / 2 || (countedBytes > 0 && TOTAL_BYTES.get() > maxTotalBytes / 2);
    }

    /** Records that nothing is staged any more. */
    void released() {
        TOTAL_BYTES.addAndGet(-countedBytes);
        countedBytes = 0;
    }
}
