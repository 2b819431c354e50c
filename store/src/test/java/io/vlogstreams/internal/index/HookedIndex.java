/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Wraps an index, with a cache of locations and with hooks in lookups, writes and syncs. As thread-safe as that index.
 */
public final class HookedIndex implements LocationIndex {

    /** A hook; it may write to the store. */
    @FunctionalInterface
    public interface Hook {
        void run() throws IOException;
    }

    private static final Hook NOTHING = () -> {};

    private final LocationIndex index;
    private final AtomicInteger views = new AtomicInteger();
    private volatile Hook afterLookup = NOTHING;
    private volatile Runnable beforeWrite = () -> {};
    private volatile Runnable afterWrite = () -> {};
    private volatile Runnable eachLookup = () -> {};
    private volatile Runnable eachSync = () -> {};
    private volatile boolean knowsNoDead;
    private volatile boolean failsCounts;

    /** Hooks are above the cache of locations, so that they run whatever it holds. */
    public HookedIndex(LocationIndex index) {
        try {
            this.index = CachedLocationIndex.over(index, 8 << 20);
        } catch (IndexException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the hook once, before the next {@link #separated} returns. */
    public void afterNextLookup(Hook hook) {
        afterLookup = hook;
    }

    /** Runs the hook once, before the next {@link #write}. */
    public void beforeNextWrite(Runnable hook) {
        beforeWrite = hook;
    }

    /** Runs the hook once, after the next {@link #write} has written and before it returns. */
    public void afterNextWrite(Runnable hook) {
        afterWrite = hook;
    }

    /** Runs the hook in each {@link #separated}, on the calling thread. */
    public void onEachLookup(Runnable hook) {
        eachLookup = hook;
    }

    /** Runs the hook before each {@link #sync}, on the calling thread. */
    public void onEachSync(Runnable hook) {
        eachSync = hook;
    }

    /** Hides all lists of dead records, so that relocation has to look up live ones. */
    public void forgetDead() {
        knowsNoDead = true;
    }

    /** Whether {@link #live} fails from now on. */
    public void failCounts(boolean failing) {
        failsCounts = failing;
    }

    /** Returns how many views have been opened. */
    public int views() {
        return views.get();
    }

    /** Falsifies the counter of a file's live bytes. */
    public void miscount(long fileId, long bytes) throws IOException {
        miscount(index, fileId, bytes);
    }

    /** Falsifies the counter of a file's live bytes in an index. */
    public static void miscount(LocationIndex index, long fileId, long bytes) throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            batch.live(fileId, new LiveRecords(bytes, 0));
            index.write(batch, false);
        }
    }

    /** Loses the location of a key, like an index that has fallen back to an older state. */
    public void lose(String key) throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            batch.delete(key.getBytes(StandardCharsets.UTF_8));
            index.write(batch, false);
        }
    }

    @Override
    public List<Separated> separated(List<byte[]> sortedKeys) throws IOException {
        eachLookup.run();
        List<Separated> found = index.separated(sortedKeys);
        Hook hook = afterLookup;
        afterLookup = NOTHING;
        hook.run();
        return found;
    }

    @Override
    public IndexView openView() {
        views.incrementAndGet();
        return index.openView();
    }

    @Override
    public ValueLocation get(byte[] key) throws IOException {
        return index.get(key);
    }

    @Override
    public IndexCursor openCursor(KeyRange range, boolean ascending) {
        return index.openCursor(range, ascending);
    }

    @Override
    public IndexBatch newBatch() {
        return index.newBatch();
    }

    @Override
    public void write(IndexBatch batch, boolean sync) throws IndexException {
        Runnable hook = beforeWrite;
        beforeWrite = () -> {};
        hook.run();
        index.write(batch, sync);
        Runnable after = afterWrite;
        afterWrite = () -> {};
        after.run();
    }

    @Override
    public void sync() throws IndexException {
        eachSync.run();
        index.sync();
    }

    @Override
    public CommitPoint commitPoint() throws IndexException {
        return index.commitPoint();
    }

    @Override
    public SortedMap<Long, LiveRecords> live() throws IndexException {
        if (failsCounts) {
            throw new IndexException("the counts cannot be read");
        }
        return index.live();
    }

    @Override
    public KnownRecords known(long fileId) throws IndexException {
        return knowsNoDead ? new KnownRecords(index.known(fileId).live(), new long[0]) : index.known(fileId);
    }

    @Override
    public Set<Long> filesWithDead() throws IndexException {
        return index.filesWithDead();
    }

    @Override
    public void clear(CommitPoint commitPoint) throws IndexException {
        index.clear(commitPoint);
    }

    @Override
    public long approximateEntries() throws IndexException {
        return index.approximateEntries();
    }

    @Override
    public void close() {
        index.close();
    }
}
