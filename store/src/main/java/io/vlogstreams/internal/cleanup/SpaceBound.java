/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

/**
 * How much of its VLog a store may have obsolete, and what is worth relocating. Sizes are in bytes.
 *
 * <p>Immutable.
 */
final class SpaceBound {

    /**
     * Work begins this part of the way to the bound, so that what is on its way, the index and the reserve have room
     * below it.
     */
    private static final double BEGIN = 0.93;

    /** A small store may have this many files more than it needs: the two active ones. */
    private static final int SPARE_FILES = 2;

    /** Staged writes may take up this part of the room below the bound. */
    private static final int STAGED_DIVISOR = 8;

    private final double maxAmplification;

    SpaceBound(double maxAmplification) {
        this.maxAmplification = maxAmplification;
    }

    /** By how much the total is more than where relocation begins; not above 0 if there is nothing to do. */
    long excess(long totalBytes, long liveBytes, long fileBytes) {
        return totalBytes - liveBytes - allowance(liveBytes, fileBytes);
    }

    /** The obsolete bytes with which relocation begins. */
    long allowance(long liveBytes, long fileBytes) {
        return Math.max((long) (liveBytes * (maxAmplification - 1) * BEGIN), SPARE_FILES * fileBytes);
    }

    /**
     * The bytes that staged writes may have appended: whatever they overwrite cannot be reclaimed before they are in
     * the index.
     */
    long stagedAllowance(long liveBytes, long fileBytes) {
        return Math.max((long) (liveBytes * (maxAmplification - 1) / STAGED_DIVISOR), SPARE_FILES * fileBytes);
    }

    /**
     * Whether copying a file's live bytes is worth the room that it gives. If the obsolete bytes are elsewhere, in
     * files that cannot be touched yet, then copying those that are nearly full would only write.
     */
    boolean isWorthwhile(long fileBytes, long liveBytes) {
        return fileBytes - liveBytes >= fileBytes * (1 - 1 / maxAmplification) / 2;
    }

    /**
     * Bytes to be copied for each byte appended, so that the total falls: in a log at the bound, one file at least is
     * live for no more than 1 / bound, and copying it gives room for bound - 1 bytes for each byte copied. Twice that,
     * so that a store that is far above the bound gets nearer to it.
     */
    double copiedPerAppended() {
        return 2 / (maxAmplification - 1);
    }
}
