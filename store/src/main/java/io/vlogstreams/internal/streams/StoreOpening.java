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
import io.vlogstreams.internal.index.RefusedTuningException;
import io.vlogstreams.internal.index.RocksDbIndex;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.CompressionType;
import io.vlogstreams.internal.vlog.DirectoryStorage;
import io.vlogstreams.internal.vlog.VLogOptions;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a store together from its {@linkplain StoreFolder folder} and its options. A store that another kind of store has
 * taken the place of since is emptied.
 */
final class StoreOpening {

    private static final Logger LOG = LoggerFactory.getLogger(StoreOpening.class);

    private StoreOpening() {}

    /** Kafka 4.4's flag for stores that are committed by the runtime; unknown to 4.3. */
    private static final String TRANSACTIONAL_STORES = "enable.transactional.statestores";

    static StoreEngine open(String storeName, ValueFormat format, VLogConfig config, StateStoreContext context)
            throws IOException {
        Path task = context.stateDir().toPath();
        StoreFolder folder = StoreFolder.of(task, storeName);
        folder.check();
        Map<String, Object> properties = context.appConfigs();
        refuseTransactionalStores(properties);
        StoreEngine engine = openEngine(storeName, format, config, folder, context);
        try {
            OtherKinds before = OtherKinds.rememberedIn(folder.root());
            OtherKinds now = OtherKinds.in(task, storeName);
            if (isOutdated(storeName, task, engine, now.usedSince(before))) {
                engine.emptyByClose();
                engine.close();
                engine = openEngine(storeName, format, config, folder, context);
            }
            if (!now.equals(before)) {
                now.rememberIn(folder.root());
            }
            return engine;
        } catch (IOException | RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /**
     * Whether another kind of store was in use under the name of this one after it. Its changelog may then lack keys that this
     * one holds, and no longer tell that they were deleted.
     */
    private static boolean isOutdated(String storeName, Path task, StoreEngine engine, List<String> others) {
        boolean outdated =
                !others.isEmpty() && engine.written() && !engine.offsets().isEmpty();
        for (String kind : others) {
            String other = OtherKinds.describe(task, storeName, kind);
            if (outdated) {
                LOG.warn(
                        "Store {}: another kind of store was in use in its place, {}, so it may hold keys that were deleted"
                                + " meanwhile. It is emptied and restored from its changelog. Delete the folder of the other: it"
                                + " must be gone before that kind of store is used again",
                        storeName,
                        other);
            } else {
                LOG.warn(
                        "Store {} takes the place of another kind of store, whose folder stays behind: {}. Delete it: it must be"
                                + " gone before that kind of store is used again, which may else show keys that were deleted"
                                + " meanwhile",
                        storeName,
                        other);
            }
        }
        return outdated;
    }

    private static StoreEngine openEngine(
            String storeName, ValueFormat format, VLogConfig config, StoreFolder folder, StateStoreContext context)
            throws IOException {
        LocationIndex rocksDb = openIndex(folder, storeName, context.appConfigs());
        try {
            LocationIndex index = CachedLocationIndex.over(rocksDb, config.locationCacheBytes());
            CommitPoint commitPoint = index.commitPoint();
            StoredFormats formats = commitPoint == null
                    ? StoredFormats.ofNewStore(format)
                    : StoredFormats.ofExistingStore(storeName, commitPoint.formats(), format);
            return StoreEngine.open(
                    engineOptions(storeName, config, isExactlyOnce(context)),
                    vlogOptions(config),
                    new DirectoryStorage(folder.vlog()),
                    index,
                    formats);
        } catch (IOException | RuntimeException e) {
            rocksDb.close();
            throw e;
        }
    }

    private static LocationIndex openIndex(StoreFolder folder, String storeName, Map<String, Object> properties)
            throws IOException {
        try {
            return RocksDbIndex.open(folder.index(), RocksDbConfigSetterTuning.of(storeName, properties));
        } catch (RefusedTuningException e) {
            throw new ConfigException(
                    StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG,
                    properties.get(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG),
                    "the index of store " + storeName + " cannot be opened with what it sets: " + e.getMessage());
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

    /** Streams deletes the folder of a task by its age, and writes inside our own folder do not make it younger. */
    static void touch(File taskFolder) {
        if (taskFolder.exists() && !taskFolder.setLastModified(System.currentTimeMillis())) {
            LOG.debug("The modification time of {} could not be set", taskFolder);
        }
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
