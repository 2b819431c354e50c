/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import io.vlogstreams.internal.engine.EngineOptions;
import io.vlogstreams.internal.engine.SyncPolicy;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.VLogOptions;
import java.util.Random;

/** How a store is opened: everything small, so that everything happens often. */
record Settings(
        SyncPolicy syncPolicy,
        boolean exactlyOnce,
        int thresholdBytes,
        long maxStagedBytes,
        boolean committedReads,
        int appendBufferBytes,
        int maxOpenFiles,
        long maxFileBytes) {

    private static final int[] THRESHOLDS = {0, 16, 1 << 20};
    private static final int[] BUFFERS = {0, 64, 300, 2000};

    /** Under at-least-once, with room to stage everything. */
    static Settings of(SyncPolicy syncPolicy) {
        return new Settings(syncPolicy, false, 16, 1 << 20, true, 256, 1, 4096);
    }

    Settings exactlyOnce(boolean newExactlyOnce) {
        return new Settings(
                syncPolicy,
                newExactlyOnce,
                thresholdBytes,
                maxStagedBytes,
                committedReads,
                appendBufferBytes,
                maxOpenFiles,
                maxFileBytes);
    }

    Settings maxStaged(long bytes) {
        return new Settings(
                syncPolicy,
                exactlyOnce,
                thresholdBytes,
                bytes,
                committedReads,
                appendBufferBytes,
                maxOpenFiles,
                maxFileBytes);
    }

    Settings buffer(int bytes) {
        return new Settings(
                syncPolicy,
                exactlyOnce,
                thresholdBytes,
                maxStagedBytes,
                committedReads,
                bytes,
                maxOpenFiles,
                maxFileBytes);
    }

    Settings maxFile(long bytes) {
        return new Settings(
                syncPolicy,
                exactlyOnce,
                thresholdBytes,
                maxStagedBytes,
                committedReads,
                appendBufferBytes,
                maxOpenFiles,
                bytes);
    }

    static Settings random(Random random) {
        return new Settings(
                random.nextBoolean() ? SyncPolicy.COMMIT : SyncPolicy.NONE,
                random.nextBoolean(),
                THRESHOLDS[random.nextInt(THRESHOLDS.length)],
                random.nextInt(3) == 0 ? 300 + random.nextInt(1500) : 1 << 20,
                random.nextBoolean(),
                BUFFERS[random.nextInt(BUFFERS.length)],
                1 + random.nextInt(4),
                4096);
    }

    /** The settings of the next opening: mostly the same. */
    Settings next(Random random) {
        return random.nextInt(8) == 0 ? random(random) : this;
    }

    EngineOptions engine() {
        return new EngineOptions(
                "store",
                thresholdBytes,
                1 << 20,
                1 << 20,
                maxStagedBytes,
                Long.MAX_VALUE,
                syncPolicy,
                exactlyOnce,
                committedReads);
    }

    VLogOptions vlog() {
        return new VLogOptions(maxFileBytes, appendBufferBytes, maxOpenFiles, 0, ChecksumLevel.FULL);
    }
}
