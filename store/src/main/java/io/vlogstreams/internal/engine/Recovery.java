/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.index.CommitPoint;
import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.index.IndexDamagedException;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.LiveRecords;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.Storage;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogDamagedException;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import io.vlogstreams.internal.vlog.VLogOptions;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a store at its last commit point: reads it from the index, opens the VLog at its tail, and checks that the
 * files it names exist.
 *
 * <p>No VLog file is created, changed or deleted here. The index of a new store gets a first commit point. The index of
 * a damaged store that Kafka Streams can restore is emptied. So is that of a store that holds uncommitted writes but
 * must not show any: an exception would request the same, but with transactional stores Streams 4.4.0 ignores that and
 * opens the store again and again.
 *
 * @param commitPoint the commit point of the store
 * @param vlog the VLog, opened at the tail of the commit point
 */
record Recovery(CommitPoint commitPoint, VLog vlog) {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /**
     * @throws StoreDamagedException if committed bytes are missing and there may be no changelog to restore them
     * @throws IndexDamagedException if the index is damaged, so that it has to be replaced
     */
    static Recovery run(
            EngineOptions options, LocationIndex index, Storage storage, VLogOptions vlogOptions, ValueFormats formats)
            throws IOException {
        CommitPoint commitPoint = index.commitPoint();
        if (commitPoint == null) {
            return begin(index, storage, vlogOptions, formats);
        }
        if (commitPoint.dirty() && options.exactlyOnce()) {
            LOG.warn(
                    "Store {}: the process, or the task, ended while the index held writes that no transaction confirmed: more"
                            + " was staged than fits in vlog.staged.bytes.max, or the commit was in doubt. The store is emptied"
                            + " and will be restored from its changelog",
                    options.storeName());
            return empty(commitPoint, options, index, storage, vlogOptions, formats);
        }
        try {
            return open(commitPoint, index, storage, vlogOptions);
        } catch (VLogDamagedException damage) {
            return afterDamage(damage, commitPoint, options, index, storage, vlogOptions, formats);
        }
    }

    /**
     * Begins a new store with a first commit point. So a later index without a commit point, beside other data, is
     * known to be lost and never taken for that of a new store.
     */
    private static Recovery begin(LocationIndex index, Storage storage, VLogOptions vlogOptions, ValueFormats formats)
            throws IOException {
        CommitPoint first = CommitPoint.empty(formats.encode());
        if (!index.live().isEmpty() || holdsKeys(index)) {
            throw new IndexDamagedException("the index beside " + storage.location()
                    + " is incomplete: expected a commit point, found keys only");
        }
        VLog vlog = VLog.open(storage, vlogOptions, first.tail(), fileId -> false);
        if (!vlog.files().isEmpty()) {
            int files = vlog.files().size();
            vlog.close();
            throw new IndexDamagedException(
                    "the index beside " + storage.location() + " is empty: expected that of " + files + " VLog files");
        }
        index.clear(first);
        return new Recovery(first, vlog);
    }

    private static boolean holdsKeys(LocationIndex index) throws IOException {
        try (IndexCursor cursor = index.openCursor(KeyRange.ALL, true)) {
            return cursor.isValid();
        }
    }

    private static Recovery open(CommitPoint start, LocationIndex index, Storage storage, VLogOptions vlogOptions)
            throws IOException {
        Map<Long, LiveRecords> live = index.live();
        VLog vlog = VLog.open(storage, vlogOptions, start.tail(), live::containsKey);
        Set<Long> present = new HashSet<>();
        for (VLogFileInfo file : vlog.files()) {
            present.add(file.fileId());
        }
        for (Map.Entry<Long, LiveRecords> file : live.entrySet()) {
            if (!present.contains(file.getKey())) {
                vlog.close();
                throw new VLogDamagedException("VLog file " + file.getKey() + " in " + storage.location()
                        + " is missing: expected " + file.getValue().bytes() + " live bytes in it");
            }
        }
        return new Recovery(start, vlog);
    }

    /**
     * Handles the loss of committed bytes, as after a power failure without {@code vlog.sync.policy=commit}. A store
     * that Streams can restore is emptied and reports no changelog offset, so that Streams restores it from the
     * beginning.
     */
    private static Recovery afterDamage(
            VLogDamagedException damage,
            CommitPoint commitPoint,
            EngineOptions options,
            LocationIndex index,
            Storage storage,
            VLogOptions vlogOptions,
            ValueFormats formats)
            throws IOException {
        Damage known = new Damage(options, formats);
        if (!known.isRestorable(commitPoint.offsets())) {
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
        return empty(commitPoint, options, index, storage, vlogOptions, formats);
    }

    private static Recovery empty(
            CommitPoint last,
            EngineOptions options,
            LocationIndex index,
            Storage storage,
            VLogOptions vlogOptions,
            ValueFormats formats)
            throws IOException {
        CommitPoint start = new Damage(options, formats).emptied(last);
        index.clear(start);
        return open(start, index, storage, vlogOptions);
    }
}
