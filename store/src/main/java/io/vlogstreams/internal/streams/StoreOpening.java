/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogConfig;
import io.vlogstreams.internal.cleanup.CleanupOptions;
import io.vlogstreams.internal.cleanup.CleanupThread;
import io.vlogstreams.internal.engine.CommitRequest;
import io.vlogstreams.internal.engine.Damage;
import io.vlogstreams.internal.engine.EngineOptions;
import io.vlogstreams.internal.engine.StoreDamagedException;
import io.vlogstreams.internal.engine.StoreEngine;
import io.vlogstreams.internal.engine.SyncPolicy;
import io.vlogstreams.internal.index.CachedLocationIndex;
import io.vlogstreams.internal.index.CommitPoint;
import io.vlogstreams.internal.index.IndexDamagedException;
import io.vlogstreams.internal.index.LocationIndex;
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
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a store from its {@linkplain StoreFolder folder} and its options. A store that was replaced meanwhile by one of
 * another kind is emptied.
 */
final class StoreOpening {

    private static final Logger LOG = LoggerFactory.getLogger(StoreOpening.class);

    private StoreOpening() {}

    static StoreEngine open(String storeName, ValueFormat format, VLogConfig config, StateStoreContext context)
            throws IOException {
        Path task = context.stateDir().toPath();
        StoreFolder folder = StoreFolder.of(task, storeName);
        folder.check();
        StoreEngine engine = openEngine(storeName, format, config, folder, context);
        try {
            OtherKinds before = OtherKinds.rememberedIn(folder.root());
            OtherKinds now = OtherKinds.in(task, storeName);
            if (isOutdated(storeName, task, engine, now.usedSince(before))) {
                engine.damage().emptyByClose();
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
     * Returns whether a store of another kind was in use under this name after this store. The changelog may then lack
     * keys that this store holds, and no longer have their tombstones.
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
        IndexFolder index = IndexFolder.of(storeName, context);
        EngineOptions options = engineOptions(storeName, config, context);
        try {
            return openEngine(index, folder, format, config, options);
        } catch (IndexDamagedException damage) {
            replaceIndex(damage, index, folder, format, options);
            return openEngine(index, folder, format, config, options);
        }
    }

    private static StoreEngine openEngine(
            IndexFolder indexFolder, StoreFolder folder, ValueFormat format, VLogConfig config, EngineOptions options)
            throws IOException {
        LocationIndex rocksDb = indexFolder.open();
        try {
            LocationIndex index = CachedLocationIndex.over(rocksDb, config.locationCacheBytes());
            CommitPoint commitPoint = index.commitPoint();
            // A store that was never written to holds no value of an earlier format.
            StoredFormats formats = commitPoint == null || !commitPoint.written()
                    ? StoredFormats.ofNewStore(format)
                    : StoredFormats.ofExistingStore(options.storeName(), commitPoint.formats(), format);
            return StoreEngine.open(options, vlogOptions(config), new DirectoryStorage(folder.vlog()), index, formats);
        } catch (IOException | RuntimeException e) {
            rocksDb.close();
            throw e;
        }
    }

    /** Replaces the index. The VLog files stay until the cleanup finds them obsolete, and their ids are not reused. */
    private static void replaceIndex(
            IndexDamagedException damage,
            IndexFolder index,
            StoreFolder folder,
            ValueFormat format,
            EngineOptions options)
            throws IOException {
        StoredFormats formats = StoredFormats.ofNewStore(format);
        Damage known = new Damage(options, formats);
        if (!known.isRestorable(Map.of())) {
            throw new StoreDamagedException(
                    "store " + options.storeName() + ": " + damage.getMessage() + ". Nothing says that the store has a"
                            + " changelog to be restored from; bring back the folder " + folder.root()
                            + " from a copy, or delete it to start empty",
                    damage);
        }
        LOG.error(
                "Store {}: its index {} is damaged or lost; the store is emptied and will be restored from its changelog",
                options.storeName(),
                index.path(),
                damage);
        index.replace(known.emptied(CommitPoint.empty(formats.encode())));
    }

    private static Set<String> changelogs(String storeName, StateStoreContext context) {
        TopicPartition changelog = KafkaInternals.knownChangelog(context, storeName);
        return changelog == null ? Set.of() : Set.of(changelog.toString());
    }

    private static EngineOptions engineOptions(String storeName, VLogConfig config, StateStoreContext context) {
        Guarantee guarantee = Guarantee.of(context);
        return new EngineOptions(
                storeName,
                config.thresholdBytes(),
                config.maxKeyBytes(),
                config.maxValueBytes(),
                config.maxStagedBytes(),
                config.maxTotalStagedBytes(),
                config.syncsCommits() ? SyncPolicy.COMMIT : SyncPolicy.NONE,
                guarantee.forgetsUncommitted(),
                changelogs(storeName, context),
                commitRequest(guarantee, context),
                config.queriesSeeCommittedOnly() || guarantee.transactional(),
                new CleanupOptions(
                        config.maxSpaceAmplification(),
                        config.alwaysRecounts(),
                        TimeUnit.MILLISECONDS.toNanos(config.cleanupSliceMs()),
                        CleanupThread.STEPS,
                        CleanupThread.DELETIONS,
                        System::nanoTime));
    }

    /**
     * Returns how the store requests a commit. With transactional stores Streams commits the store, and can be asked
     * for it. Otherwise a request has no effect, but with a client supplier a commit will come soon.
     */
    private static CommitRequest commitRequest(Guarantee guarantee, StateStoreContext context) {
        if (guarantee.transactional() && !guarantee.global() && context instanceof ProcessingContext processing) {
            return () -> {
                processing.commit();
                return true;
            };
        }
        return () -> guarantee.joinsTransactions() && ThreadTransaction.isSignalled();
    }

    private static VLogOptions vlogOptions(VLogConfig config) {
        return new VLogOptions(
                config.maxFileBytes(),
                config.appendBufferBytes(),
                config.maxOpenFiles(),
                config.cacheBytes(),
                config.verifiesChecksums() ? ChecksumLevel.FULL : ChecksumLevel.DISABLED,
                CompressionType.valueOf(config.compressionType().toUpperCase(Locale.ROOT)),
                config.zstdLevel(),
                VLogOptions.SPARE_DIVISOR);
    }

    /**
     * Streams deletes the folder of a task by its age, and writes in a subfolder do not change its modification time.
     */
    static void touch(File taskFolder) {
        if (taskFolder.exists() && !taskFolder.setLastModified(System.currentTimeMillis())) {
            LOG.debug("The modification time of {} could not be set", taskFolder);
        }
    }
}
