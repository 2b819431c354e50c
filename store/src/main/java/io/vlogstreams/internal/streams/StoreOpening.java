/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogConfig;
import io.vlogstreams.internal.cleanup.CleanupOptions;
import io.vlogstreams.internal.cleanup.CleanupThread;
import io.vlogstreams.internal.engine.EngineOptions;
import io.vlogstreams.internal.engine.StoreEngine;
import io.vlogstreams.internal.engine.SyncPolicy;
import io.vlogstreams.internal.index.CachedLocationIndex;
import io.vlogstreams.internal.index.CommitPoint;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.index.RocksDbIndex;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.CompressionType;
import io.vlogstreams.internal.vlog.DirectoryStorage;
import io.vlogstreams.internal.vlog.VLogOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;

/**
 * Puts a store together from its folder and its options: {@code <task folder>/vlog/<store name>/} with the index in
 * {@code index/} and the VLog in {@code vlog/}.
 */
final class StoreOpening {

    private StoreOpening() {}

    /** Kafka 4.4's flag for stores that are committed by the runtime; unknown to 4.3. */
    private static final String TRANSACTIONAL_STORES = "enable.transactional.statestores";

    static StoreEngine open(String storeName, ValueFormat format, VLogConfig config, StateStoreContext context)
            throws IOException {
        Path folder =
                context.stateDir().toPath().resolve(VLogStoreSupplier.SCOPE).resolve(storeName);
        Map<String, Object> properties = context.appConfigs();
        refuseTransactionalStores(properties);
        LocationIndex rocksDb =
                RocksDbIndex.open(folder.resolve("index"), RocksDbConfigSetterTuning.of(storeName, properties));
        try {
            LocationIndex index = CachedLocationIndex.over(rocksDb, config.locationCacheBytes());
            CommitPoint commitPoint = index.commitPoint();
            StoredFormats formats = commitPoint == null
                    ? StoredFormats.ofNewStore(format)
                    : StoredFormats.ofExistingStore(storeName, commitPoint.formats(), format);
            return StoreEngine.open(
                    engineOptions(storeName, config, isExactlyOnce(context)),
                    vlogOptions(config),
                    new DirectoryStorage(folder.resolve("vlog")),
                    index,
                    formats);
        } catch (IOException | RuntimeException e) {
            rocksDb.close();
            throw e;
        }
    }

    /**
     * A runtime with that flag stops wiping stores after a crash, and relies on them for what the flag promises.
     *
     * @throws ConfigException if the flag is set
     */
    private static void refuseTransactionalStores(Map<String, Object> properties) {
        Object flag = properties.get(TRANSACTIONAL_STORES);
        if (flag != null && Boolean.parseBoolean(flag.toString())) {
            throw new ConfigException(
                    TRANSACTIONAL_STORES,
                    flag,
                    "VLog stores of this version do not support it; set it to false, or use a version made for Kafka 4.4");
        }
    }

    private static EngineOptions engineOptions(String storeName, VLogConfig config, boolean exactlyOnce) {
        return new EngineOptions(
                storeName,
                config.thresholdBytes(),
                config.maxKeyBytes(),
                config.maxValueBytes(),
                config.maxStagedBytes(),
                config.maxTotalStagedBytes(),
                config.syncsCommits() ? SyncPolicy.COMMIT : SyncPolicy.NONE,
                exactlyOnce,
                () -> exactlyOnce && ThreadTransaction.isSignalled(),
                config.queriesSeeCommittedOnly(),
                new CleanupOptions(
                        config.maxSpaceAmplification(),
                        config.alwaysRecounts(),
                        TimeUnit.MILLISECONDS.toNanos(config.cleanupSliceMs()),
                        CleanupThread.STEPS,
                        CleanupThread.DELETIONS,
                        System::nanoTime));
    }

    private static VLogOptions vlogOptions(VLogConfig config) {
        return new VLogOptions(
                config.maxFileBytes(),
                config.appendBufferBytes(),
                config.maxOpenFiles(),
                config.cacheBytes(),
                config.verifiesChecksums() ? ChecksumLevel.FULL : ChecksumLevel.DISABLED,
                CompressionType.valueOf(config.compressionType().toUpperCase(Locale.ROOT)),
                config.zstdLevel());
    }

    /** Whether writes may be seen after a crash only if a Kafka transaction has committed them. */
    static boolean isExactlyOnce(StateStoreContext context) {
        Object guarantee = context.appConfigs().get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG);
        return StreamsConfig.EXACTLY_ONCE_V2.equals(guarantee) && !isGlobal(context);
    }

    /** A global store holds committed records only, so what it was given before a crash it may keep. */
    static boolean isGlobal(StateStoreContext context) {
        return isGlobal(context.taskId());
    }

    static boolean isGlobal(TaskId task) {
        return task.subtopology() == -1;
    }
}
