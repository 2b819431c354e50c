/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.Cleanup;

/**
 * What a writer appended that the cleanup has not been told of, and what only staged writes name. Used by the one writer
 * of a store.
 */
final class Backlog {

    /** So much is appended at most before a writer looks whether the cleanup keeps up. */
    private static final long MAX_UNTOLD_BYTES = 1L << 20;

    private final EngineOptions options;
    private final long maxFileBytes;
    private final Cleanup cleanup;
    private final long maxUntoldBytes;
    private long toldAt;
    private long appliedAt;

    Backlog(EngineOptions options, long maxFileBytes, Cleanup cleanup) {
        this.options = options;
        this.maxFileBytes = maxFileBytes;
        this.cleanup = cleanup;
        this.maxUntoldBytes = Math.min(MAX_UNTOLD_BYTES, maxFileBytes);
    }

    /** Whether it is time to tell the cleanup, which then counts as done. */
    boolean isToBeTold(long appendedBytes) {
        if (appendedBytes - toldAt < maxUntoldBytes) {
            return false;
        }
        toldAt = appendedBytes;
        return true;
    }

    /** All that was staged is in the index. */
    void applied(long appendedBytes) {
        appliedAt = appendedBytes;
    }

    /**
     * Whether so much is staged that the cleanup cannot keep the store within its bound, and no commit is to be expected.
     * A file's worth is always allowed under exactly-once: there a crash after a spill means a restore.
     */
    boolean isTooMuchStaged(long appendedBytes) {
        long staged = appendedBytes - appliedAt;
        return staged > (options.exactlyOnce() ? maxFileBytes : 0)
                && cleanup.isTooMuchStaged(staged)
                && !options.awaitsCommits().getAsBoolean();
    }
}
