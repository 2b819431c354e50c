/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

/**
 * The bound for the obsolete bytes of a store, and which files are worth relocating. Sizes are in bytes.
 *
 * <p>Immutable.
 */
final class SpaceBound {

    /**
     * Relocation begins at this part of the way to the bound, so that there is room below it for files in transition,
     * the index and the reserve.
     */
    private static final double BEGIN = 0.93;

    /** A small store may have this many more files than it needs: the two active ones. */
    private static final int SPARE_FILES = 2;

    /** Staged writes may take up this part of the room below the bound. */
    private static final int STAGED_DIVISOR = 8;

    private final double maxAmplification;

    SpaceBound(double maxAmplification) {
        this.maxAmplification = maxAmplification;
    }

    /** Returns by how much the total exceeds the start of relocation; at most 0 if there is nothing to do. */
    long excess(long totalBytes, long liveBytes, long fileBytes) {
        return totalBytes - liveBytes - allowance(liveBytes, fileBytes);
    }

    /** Returns the obsolete bytes at which relocation begins. */
    long allowance(long liveBytes, long fileBytes) {
        return Math.max((long) (liveBytes * (maxAmplification - 1) * BEGIN), SPARE_FILES * fileBytes);
    }

    /**
     * Returns the bytes that staged writes may have appended. The records that they replace cannot be reclaimed before
     * the writes are in the index.
     */
    long stagedAllowance(long liveBytes, long fileBytes) {
        return Math.max((long) (liveBytes * (maxAmplification - 1) / STAGED_DIVISOR), SPARE_FILES * fileBytes);
    }

    /**
     * Returns whether copying a file's live bytes is worth the space gained. If the obsolete bytes are in other files,
     * which cannot be relocated yet, copying nearly full files would only increase the write amplification.
     */
    boolean isWorthwhile(long fileBytes, long liveBytes) {
        return fileBytes - liveBytes >= fileBytes * (1 - 1 / maxAmplification) / 2;
    }

    /**
     * Returns the bytes to copy for each byte appended, so that the total falls. In a log at the bound, at least one
     * file has a live part of at most 1 / bound, and copying it frees bound - 1 bytes for each byte copied. The result
     * is twice that, so that a store far above the bound approaches it.
     */
    double copiedPerAppended() {
        return 2 / (maxAmplification - 1);
    }
}
