/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * An index with a cache of separated locations in front of it. All writes go through it, so the cache sees them.
 *
 * <p>Invariant 8: a lookup returns what the index itself would have returned at some moment during the call. The cache
 * is suspended before the index is written, until it has the same changes; see {@link LocationCache}. Cursors and views
 * are the index's own.
 *
 * <p>As thread-safe as the index.
 */
public final class CachedLocationIndex implements LocationIndex {

    private final LocationIndex index;
    private final LocationCache cache;
    private final KeyHash hash = KeyHash.secret();

    private CachedLocationIndex(LocationIndex index, LocationCache cache) {
        this.index = index;
        this.cache = cache;
    }

    /**
     * Returns the index with a cache of that size, or without one if the size, or the free memory, is too small. From
     * now on the index must be written through the returned one only, which also closes it.
     */
    public static LocationIndex over(LocationIndex index, long maxBytes) throws IndexException {
        return over(index, maxBytes, DirectMemory.ofProcess());
    }

    static LocationIndex over(LocationIndex index, long maxBytes, DirectMemory memory) throws IndexException {
        if (maxBytes < LocationCache.MIN_BYTES) {
            return index;
        }
        CommitPoint commitPoint = index.commitPoint();
        boolean isCounted = commitPoint == null || commitPoint.counted();
        boolean isComplete = isCounted && index.live().isEmpty();
        LocationCache cache = LocationCache.create(memory, maxBytes, isComplete);
        return cache == null ? index : new CachedLocationIndex(index, cache);
    }

    @Override
    public @Nullable ValueLocation get(byte[] key) throws IOException {
        long before = cache.moment();
        if (LocationCache.isSuspended(before)) {
            return index.get(key);
        }
        KeyHash.Value keyHash = hash.of(key);
        Separated cached = cache.find(keyHash, key.length);
        if (cached != null) {
            return cached;
        }
        ValueLocation location = index.get(key);
        if (location instanceof Separated separated) {
            cache.fill(keyHash, key.length, separated, before);
        }
        return location;
    }

    /**
     * The moment may differ from key to key. The cache takes in none of the locations: the keys of a commit are about
     * to be overwritten, and those of a relocation are cold.
     */
    @Override
    public List<@Nullable Separated> separated(List<byte[]> sortedKeys) throws IOException {
        if (LocationCache.isSuspended(cache.moment())) {
            return index.separated(sortedKeys);
        }
        if (cache.isComplete() && cache.isEmpty()) {
            return Collections.nCopies(sortedKeys.size(), null);
        }
        List<@Nullable Separated> found = new ArrayList<>(sortedKeys.size());
        List<byte[]> missing = new ArrayList<>();
        for (byte[] key : sortedKeys) {
            Separated cached = cache.find(hash.of(key), key.length);
            found.add(cached);
            if (cached == null) {
                missing.add(key);
            }
        }
        if (!missing.isEmpty() && !cache.isComplete()) {
            fillIn(found, index.separated(missing));
        }
        return found;
    }

    /** Replaces each null by the next one of the others. */
    private static void fillIn(List<@Nullable Separated> found, List<@Nullable Separated> others) {
        int next = 0;
        for (int i = 0; i < found.size(); i++) {
            if (found.get(i) == null) {
                found.set(i, others.get(next++));
            }
        }
    }

    @Override
    public IndexCursor openCursor(KeyRange range, boolean ascending) {
        return index.openCursor(range, ascending);
    }

    @Override
    public IndexView openView() {
        return index.openView();
    }

    @Override
    public IndexBatch newBatch() {
        return new CachedBatch(index.newBatch());
    }

    @Override
    public void write(IndexBatch batch, boolean sync) throws IndexException {
        CachedBatch written = (CachedBatch) batch;
        cache.suspend();
        // If this fails the cache stays suspended, because the index may have a part of the batch.
        index.write(written.unwrap(), sync);
        written.applyTo(cache, hash);
        cache.resume();
    }

    @Override
    public void sync() throws IndexException {
        index.sync();
    }

    @Override
    public @Nullable CommitPoint commitPoint() throws IndexException {
        return index.commitPoint();
    }

    @Override
    public SortedMap<Long, LiveRecords> live() throws IndexException {
        return index.live();
    }

    @Override
    public KnownRecords known(long fileId) throws IndexException {
        return index.known(fileId);
    }

    @Override
    public Set<Long> filesWithDead() throws IndexException {
        return index.filesWithDead();
    }

    @Override
    public void clear(CommitPoint commitPoint) throws IndexException {
        cache.suspend();
        index.clear(commitPoint);
        cache.clear();
        cache.resume();
    }

    @Override
    public long approximateEntries() throws IndexException {
        return index.approximateEntries();
    }

    @Override
    public void close() {
        index.close();
        cache.close();
    }
}
