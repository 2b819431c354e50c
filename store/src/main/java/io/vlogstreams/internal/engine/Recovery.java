/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.index.CommitPoint;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.Storage;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogDamagedException;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import io.vlogstreams.internal.vlog.VLogOptions;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a store back to its last commit point: reads it from the index, opens the VLog cut back to it, and checks that
 * the files it names are there.
 *
 * <p>Nothing is created, changed or deleted here, except that a damaged store which Kafka Streams can restore is emptied.
 *
 * @param commitPoint the commit point the store is at
 * @param vlog the VLog, cut back to it
 */
record Recovery(CommitPoint commitPoint, VLog vlog) {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /**
     * @throws DirtyStoreException if the index holds unconfirmed writes and the store must not show them
     * @throws StoreDamagedException if committed bytes are missing and nothing says that a changelog can bring them back
     */
    static Recovery run(
            EngineOptions options, LocationIndex index, Storage storage, VLogOptions vlogOptions, ValueFormats formats)
            throws IOException {
        CommitPoint commitPoint = index.commitPoint();
        if (commitPoint != null && commitPoint.dirty() && options.exactlyOnce()) {
            throw new DirtyStoreException(
                    "store " + options.storeName() + ": the process ended while more was staged than"
                            + " fits in vlog.staged.bytes.max, so the index holds writes that no transaction confirmed; the store"
                            + " has to be restored from its changelog");
        }
        try {
            return open(commitPoint, index, storage, vlogOptions, formats);
        } catch (VLogDamagedException damage) {
            return afterDamage(damage, commitPoint, options, index, storage, vlogOptions, formats);
        }
    }

    private static Recovery open(
            @Nullable CommitPoint commitPoint,
            LocationIndex index,
            Storage storage,
            VLogOptions vlogOptions,
            ValueFormats formats)
            throws IOException {
        CommitPoint start = commitPoint == null ? CommitPoint.empty(formats.encode()) : commitPoint;
        Map<Long, Long> liveBytes = index.liveBytes();
        VLog vlog = VLog.open(storage, vlogOptions, start.tail(), liveBytes::containsKey);
        Set<Long> present = new HashSet<>();
        for (VLogFileInfo file : vlog.files()) {
            present.add(file.fileId());
        }
        for (Map.Entry<Long, Long> live : liveBytes.entrySet()) {
            if (!present.contains(live.getKey())) {
                vlog.close();
                throw new VLogDamagedException("VLog file " + live.getKey() + " in " + storage.location()
                        + " is missing: expected " + live.getValue() + " live bytes in it");
            }
        }
        return new Recovery(start, vlog);
    }

    /**
     * Committed bytes are gone, as after a power failure without {@code vlog.sync.policy=commit}. A store that Streams
     * has given a changelog offset is emptied and reports none, so that Streams restores it from the beginning.
     */
    private static Recovery afterDamage(
            VLogDamagedException damage,
            @Nullable CommitPoint commitPoint,
            EngineOptions options,
            LocationIndex index,
            Storage storage,
            VLogOptions vlogOptions,
            ValueFormats formats)
            throws IOException {
        if (commitPoint == null || commitPoint.offsets().isEmpty()) {
            throw new StoreDamagedException(
                    "store " + options.storeName() + ": committed data in " + storage.location()
                            + " is missing or damaged, and no changelog offset was ever committed, so it cannot be"
                            + " restored by itself; bring the files back, or delete the store's folder to start empty",
                    damage);
        }
        LOG.error(
                "Store {}: committed data in {} is missing or damaged; the store is emptied and will be restored from its"
                        + " changelog",
                options.storeName(),
                storage.location(),
                damage);
        CommitPoint start = emptied(commitPoint, commitPoint.tail().highestFileId(), options, formats);
        index.clear(start);
        return open(start, index, storage, vlogOptions, formats);
    }

    /**
     * The commit point of a store that is emptied, to be restored whole.
     *
     * <p>Under exactly-once Streams would take "no offset" to mean that there may be uncommitted writes, and wipe the task with
     * all of its other stores. This one is empty for certain, which "unknown" says. Global stores, which are never under
     * exactly-once here, must not say it: Streams would seek to it.
     *
     * <p>It counts as never written: an offset that comes to it before it is restored speaks of what it held before.
     */
    static CommitPoint emptied(CommitPoint last, long highestFileId, EngineOptions options, ValueFormats formats) {
        // Invariant 5: the files stay until they are found obsolete, and no id is used again, whatever comes next.
        // And one that held nothing but small values is not to look as if it had never held anything.
        VLogTail tail = new VLogTail(0, 0, Math.max(1, highestFileId));
        Map<String, Long> offsets = new HashMap<>();
        if (options.exactlyOnce()) {
            last.offsets().keySet().forEach(partition -> offsets.put(partition, CommitPoint.UNKNOWN_OFFSET));
        }
        return new CommitPoint(tail, offsets, new byte[0], formats.encode(), false, false, true);
    }
}
