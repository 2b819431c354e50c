/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.CleanupOptions;
import java.util.Set;

/**
 * The options of one store's engine.
 *
 * @param storeName for messages
 * @param thresholdBytes values of this size or larger are separated from their key
 * @param maxKeyBytes larger keys are refused
 * @param maxValueBytes larger values are refused
 * @param maxStagedBytes memory of staged writes beyond which the store spills
 * @param maxTotalStagedBytes memory of the staged writes of all stores of the process beyond which this one spills
 * @param syncPolicy when a commit waits for the disk
 * @param exactlyOnce whether uncommitted writes must not be visible after a crash or a close, as under exactly-once and
 *     with transactional stores
 * @param changelogs the changelog partitions of the store, as far as they are known before an offset was ever
 *     committed; without any the store may be the only copy of its data
 * @param commitRequest requests a commit, on the writing thread, when staged writes take half of their memory, or keep
 *     too much space from being reclaimed; if none will come soon, the store spills
 * @param committedReads whether {@link StoreEngine#getCommitted} has to distinguish committed from spilled writes
 * @param cleanup the options of the cleanup
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
