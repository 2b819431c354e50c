/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.Cleanup;
import io.vlogstreams.internal.vlog.VLog;

/**
 * What a writer appended that the cleanup has not been told of, and what only staged writes name. Used by the one
 * writer of a store.
 */
final class Backlog {

    /** So much is appended at most before a writer looks whether the cleanup keeps up. */
    private static final long MAX_UNTOLD_BYTES = 1L << 20;

    /** So many restored records are enough for one write to the index, or so many bytes of them in the VLog. */
    private static final int MAX_RESTORED_RECORDS = 16 * 1024;

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

    /** Whether it is time to tell the cleanup, which then counts as done. */
    boolean isToBeTold() {
        long appendedBytes = vlog.appendedBytes();
        if (appendedBytes - toldAt < maxUntoldBytes) {
            return false;
        }
        toldAt = appendedBytes;
        return true;
    }

    /** All that was staged is in the index. */
    void applied() {
        appliedAt = vlog.appendedBytes();
    }

    /**
     * Whether so much was restored since the last write to the index that more would not make it cheaper, or if that
     * may be too much for the disk: what restored records make obsolete is known only when they are in the index.
     */
    boolean isRestoredEnough(StagedWrites restored) {
        long staged = stagedBytes();
        return restored.count() >= MAX_RESTORED_RECORDS
                || staged >= MAX_RESTORED_BYTES
                || cleanup.isTooMuchStaged(staged)
                || vlog.reserve().isNeededSoon();
    }

    /**
     * Whether so much is staged that the cleanup cannot keep the store within its bound, and no commit is to be
     * expected. A file's worth is always allowed under exactly-once: there a crash after a spill means a restore.
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
