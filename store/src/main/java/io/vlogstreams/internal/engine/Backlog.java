/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.Cleanup;
import io.vlogstreams.internal.vlog.VLog;

/**
 * Tracks the bytes that were appended since the cleanup was last woken, and since the last write to the index. Used by
 * the one writer of a store.
 */
final class Backlog {

    /** The most bytes that are appended before a writer checks whether the cleanup keeps up. */
    private static final long MAX_UNTOLD_BYTES = 1L << 20;

    /** Enough restored records for one write to the index. */
    private static final int MAX_RESTORED_RECORDS = 16 * 1024;

    /** Enough bytes of restored records in the VLog for one write to the index. */
    private static final long MAX_RESTORED_BYTES = 16L << 20;

    private final EngineOptions options;
    private final VLog vlog;
    private final long maxFileBytes;
    private final Cleanup cleanup;
    private final long maxUntoldBytes;
    private long toldAt;
    private long appliedAt;

    Backlog(EngineOptions options, VLog vlog, long maxFileBytes, Cleanup cleanup) {
        this.options = options;
        this.vlog = vlog;
        this.maxFileBytes = maxFileBytes;
        this.cleanup = cleanup;
        this.maxUntoldBytes = Math.min(MAX_UNTOLD_BYTES, maxFileBytes);
    }

    /** Returns whether to wake the cleanup now, and if so starts counting again. */
    boolean isToBeTold() {
        long appendedBytes = vlog.appendedBytes();
        if (appendedBytes - toldAt < maxUntoldBytes) {
            return false;
        }
        toldAt = appendedBytes;
        return true;
    }

    /** Records that all staged writes are in the index. */
    void applied() {
        appliedAt = vlog.appendedBytes();
    }

    /**
     * Returns whether to write the restored records to the index: more of them would not make the write cheaper, or
     * they endanger the space bound or the disk. The records that they replace are known only once they are in the
     * index.
     */
    boolean isRestoredEnough(StagedWrites restored) {
        long staged = stagedBytes();
        return restored.count() >= MAX_RESTORED_RECORDS
                || staged >= MAX_RESTORED_BYTES
                || cleanup.isTooMuchStaged(staged)
                || vlog.reserve().isNeededSoon();
    }

    /**
     * Returns whether so much is staged that the cleanup cannot keep the store within its bound, and no commit is
     * expected soon. Under exactly-once at least one file is allowed, because a crash after a spill means a restore.
     */
    boolean isTooMuchStaged() {
        long staged = stagedBytes();
        return staged > (options.exactlyOnce() ? maxFileBytes : 0)
                && cleanup.isTooMuchStaged(staged)
                && !options.commitRequest().make();
    }

    private long stagedBytes() {
        return vlog.appendedBytes() - appliedAt;
    }
}
