/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A batch that records its changes of locations for the cache. For one thread. */
final class CachedBatch implements IndexBatch {

    private final IndexBatch batch;
    private final List<byte[]> keys = new ArrayList<>();

    /** The new location of each key; null if it has no separated location any more. */
    private final List<@Nullable Separated> locations = new ArrayList<>();

    CachedBatch(IndexBatch batch) {
        this.batch = batch;
    }

    @Override
    public void put(byte[] key, ValueLocation location) throws IndexException {
        batch.put(key, location);
        keys.add(key);
        locations.add(location instanceof Separated separated ? separated : null);
    }

    @Override
    public void delete(byte[] key) throws IndexException {
        batch.delete(key);
        keys.add(key);
        locations.add(null);
    }

    @Override
    public void live(long fileId, LiveRecords live) throws IndexException {
        batch.live(fileId, live);
    }

    @Override
    public void dead(long fileId, long[] offsets) throws IndexException {
        batch.dead(fileId, offsets);
    }

    @Override
    public void forgetDead(long fileId) throws IndexException {
        batch.forgetDead(fileId);
    }

    @Override
    public void commitPoint(CommitPoint commitPoint) throws IndexException {
        batch.commitPoint(commitPoint);
    }

    IndexBatch unwrap() {
        return batch;
    }

    /** Applies the same changes to the cache, in the same order. */
    void applyTo(LocationCache cache, KeyHash hash) {
        for (int i = 0; i < keys.size(); i++) {
            byte[] key = keys.get(i);
            Separated location = locations.get(i);
            if (location == null) {
                if (!cache.isEmpty()) {
                    cache.remove(hash.of(key));
                }
            } else {
                cache.put(hash.of(key), key.length, location);
            }
        }
    }

    @Override
    public void close() {
        batch.close();
    }
}
