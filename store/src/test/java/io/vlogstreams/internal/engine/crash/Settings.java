/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import io.vlogstreams.internal.cleanup.CleanupOptions;
import io.vlogstreams.internal.cleanup.CleanupWorker;
import io.vlogstreams.internal.engine.EngineOptions;
import io.vlogstreams.internal.engine.SyncPolicy;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.CompressionType;
import io.vlogstreams.internal.vlog.VLogOptions;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** The options of a store: all limits are small, so that all events are frequent. */
record Settings(
        SyncPolicy syncPolicy,
        boolean exactlyOnce,
        int thresholdBytes,
        long maxStagedBytes,
        boolean committedReads,
        int appendBufferBytes,
        int maxOpenFiles,
        long maxFileBytes,
        double maxSpaceAmplification,
        CompressionType compression) {

    private static final int[] THRESHOLDS = {0, 16, 1 << 20};
    private static final List<CompressionType> COMPRESSIONS =
            List.of(CompressionType.NONE, CompressionType.LZ4, CompressionType.ZSTD);
    private static final int[] BUFFERS = {0, 64, 300, 2000};
    private static final double NO_RELOCATION = 1e6;
    private static final long[] LOCATION_CACHES = {8 << 20, 256, 0, 512};
    private static final double[] BOUNDS = {1.01, 1.2, 1.5, NO_RELOCATION};

    /** Returns settings under at-least-once, with room to stage everything. */
    static Settings of(SyncPolicy syncPolicy) {
        return new Settings(syncPolicy, false, 16, 1 << 20, true, 256, 1, 4096, NO_RELOCATION, CompressionType.NONE);
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
                maxFileBytes,
                maxSpaceAmplification,
                compression);
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
                maxFileBytes,
                maxSpaceAmplification,
                compression);
    }

    private static final int[] SPARE_DIVISORS = {1, 2, 0, 1};

    Settings buffer(int bytes) {
        return new Settings(
                syncPolicy,
                exactlyOnce,
                thresholdBytes,
                maxStagedBytes,
                committedReads,
                bytes,
                maxOpenFiles,
                maxFileBytes,
                maxSpaceAmplification,
                compression);
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
                bytes,
                maxSpaceAmplification,
                compression);
    }

    Settings maxSpaceAmplification(double bound) {
        return new Settings(
                syncPolicy,
                exactlyOnce,
                thresholdBytes,
                maxStagedBytes,
                committedReads,
                appendBufferBytes,
                maxOpenFiles,
                maxFileBytes,
                bound,
                compression);
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
                random.nextInt(3) == 0 ? 1024 : 4096,
                BOUNDS[random.nextInt(BOUNDS.length)],
                COMPRESSIONS.get(random.nextInt(COMPRESSIONS.size())));
    }

    /** Returns the settings of the next opening, mostly the same. */
    Settings next(Random random) {
        return random.nextInt(8) == 0 ? random(random) : this;
    }

    /** @param worker the worker of the cleanup */
    EngineOptions engine(CleanupWorker worker) {
        return new EngineOptions(
                "store",
                thresholdBytes,
                1 << 20,
                1 << 20,
                maxStagedBytes,
                Long.MAX_VALUE,
                syncPolicy,
                exactlyOnce,
                Set.of(),
                () -> maxOpenFiles % 2 == 0, // as good as at random
                committedReads,
                new CleanupOptions(maxSpaceAmplification, false, Long.MAX_VALUE, worker, worker, () -> 0L));
    }

    /** Returns the default, none, or room for eight or sixteen locations. */
    long locationCacheBytes() {
        return LOCATION_CACHES[(maxOpenFiles - 1) % LOCATION_CACHES.length]; // as good as at random
    }

    /** All that is deleted is written over, half of it, or none. */
    private int spareDivisor() {
        return SPARE_DIVISORS[maxOpenFiles - 1]; // as good as at random
    }

    VLogOptions vlog() {
        return new VLogOptions(
                maxFileBytes, appendBufferBytes, maxOpenFiles, 0, ChecksumLevel.FULL, compression, 3, spareDivisor());
    }
}
