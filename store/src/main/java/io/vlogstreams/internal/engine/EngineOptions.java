/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.CleanupOptions;
import java.util.Set;

/**
 * The limits and choices of one store's engine.
 *
 * @param storeName for messages
 * @param thresholdBytes values of this size or larger are separated from their key
 * @param maxKeyBytes larger keys are refused
 * @param maxValueBytes larger values are refused
 * @param maxStagedBytes memory that staged writes may take before they are spilled into the index
 * @param maxTotalStagedBytes memory that the staged writes of all stores of the process may take before this one spills
 * @param syncPolicy when a commit waits for the disk
 * @param exactlyOnce whether writes that no commit confirmed must never be seen after a crash or a close, as under
 *     exactly-once and with transactional stores
 * @param changelogs the changelog partitions of the store, as far as they are known before it was ever given an offset;
 *     with none the store may be the only copy of what it holds
 * @param commitRequest asks for a commit, on the thread that writes, when what is staged takes half of the memory it
 *     may take, or keeps too much space from being reclaimed: if none is sure to come then, the writes go into the
 *     index before one
 * @param committedReads whether {@link StoreEngine#getCommitted} has to tell committed from spilled writes
 * @param cleanup how space is kept within its bound
 */
public record EngineOptions(
        String storeName,
        int thresholdBytes,
        int maxKeyBytes,
        int maxValueBytes,
        long maxStagedBytes,
        long maxTotalStagedBytes,
        SyncPolicy syncPolicy,
        boolean exactlyOnce,
        Set<String> changelogs,
        CommitRequest commitRequest,
        boolean committedReads,
        CleanupOptions cleanup) {}
