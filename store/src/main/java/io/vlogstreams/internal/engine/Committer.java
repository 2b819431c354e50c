/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.SpaceLedger;
import io.vlogstreams.internal.engine.StagedWrites.Version;
import io.vlogstreams.internal.index.CommitPoint;
import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Moves staged writes into the index with one atomic write.
 *
 * <p>The old locations of the staged keys are looked up here, in sorted batches, to count their bytes as obsolete: that is
 * cheaper than a lookup in every put, and a key that was overwritten since the last commit is looked up once.
 *
 * <p>Used by the one writer of a store.
 */
final class Committer {

    /** Keys per lookup: bounds the memory of a lookup whatever is staged. */
    private static final int LOOKUP_KEYS = 1024;

    private final LocationIndex index;
    private final VLog vlog;
    private final SpaceLedger ledger;
    private final SyncPolicy syncPolicy;

    Committer(LocationIndex index, VLog vlog, SpaceLedger ledger, SyncPolicy syncPolicy) {
        this.index = index;
        this.vlog = vlog;
        this.ledger = ledger;
        this.syncPolicy = syncPolicy;
    }

    /**
     * Writes what is staged and the commit point; if it throws, the index is as it was.
     *
     * @return the commit point written
     */
    CommitPoint apply(
            StagedWrites staged,
            Map<String, Long> offsets,
            byte[] position,
            byte[] formats,
            boolean dirty,
            boolean written)
            throws IOException {
        boolean sync = syncPolicy == SyncPolicy.COMMIT;
        // Invariant 1: the records are where the file system has them before the index names them.
        if (sync) {
            vlog.sync();
        } else {
            vlog.drain();
        }
        CommitPoint commitPoint = new CommitPoint(vlog.tail(), offsets, position, formats, dirty, written);
        SpaceLedger.Change change = ledger.newChange();
        // Invariant 2: locations, live bytes, offsets and position are one write.
        try (IndexBatch batch = index.newBatch()) {
            addLocations(staged, batch, change);
            change.addTo(batch);
            batch.commitPoint(commitPoint);
            index.write(batch, sync);
        }
        change.applied();
        return commitPoint;
    }

    private void addLocations(StagedWrites staged, IndexBatch batch, SpaceLedger.Change change) throws IOException {
        List<byte[]> keys = new ArrayList<>(LOOKUP_KEYS);
        List<Version> versions = new ArrayList<>(LOOKUP_KEYS);
        for (Map.Entry<byte[], Version> entry : staged.newest().entrySet()) {
            keys.add(entry.getKey());
            versions.add(entry.getValue());
            if (keys.size() == LOOKUP_KEYS) {
                addLocations(keys, versions, batch, change);
                keys.clear();
                versions.clear();
            }
        }
        addLocations(keys, versions, batch, change);
    }

    private void addLocations(List<byte[]> keys, List<Version> versions, IndexBatch batch, SpaceLedger.Change change)
            throws IOException {
        List<@Nullable ValueLocation> oldLocations = index.getAll(keys);
        for (int i = 0; i < keys.size(); i++) {
            ValueLocation old = oldLocations.get(i);
            ValueLocation now = versions.get(i).location();
            change.replaced(old, now);
            if (now != null) {
                batch.put(keys.get(i), now);
            } else if (old != null) {
                // A key that is not in the index needs no tombstone.
                batch.delete(keys.get(i));
            }
        }
    }
}
