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
 * Another index, with a cache of locations and with something done in the middle of a lookup or before a write. As
 * thread-safe as that index.
 */
public final class HookedIndex implements LocationIndex {

    /** Something to be done; may write to the store. */
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

    /** Hooks come above a cache of locations, so that they are run whatever it knows. */
    public HookedIndex(LocationIndex index) {
        try {
            this.index = CachedLocationIndex.over(index, 8 << 20);
        } catch (IndexException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Done once: when the next {@link #separated} has looked and not yet returned. */
    public void afterNextLookup(Hook hook) {
        afterLookup = hook;
    }

    /** Done once: when the next {@link #write} is asked for. */
    public void beforeNextWrite(Runnable hook) {
        beforeWrite = hook;
    }

    /** Done once: when the next {@link #write} has written and not yet returned. */
    public void afterNextWrite(Runnable hook) {
        afterWrite = hook;
    }

    /** Done every time {@link #separated} is asked, by who asks. */
    public void onEachLookup(Runnable hook) {
        eachLookup = hook;
    }

    /** Done before every {@link #sync}, by the thread that asks for it. */
    public void onEachSync(Runnable hook) {
        eachSync = hook;
    }

    /** From now on no record is known to be dead, so that relocation has to look up what is live. */
    public void forgetDead() {
        knowsNoDead = true;
    }

    /** How many views have been opened. */
    public int views() {
        return views.get();
    }

    /** Makes the count of a file's live bytes wrong. */
    public void miscount(long fileId, long bytes) throws IOException {
        miscount(index, fileId, bytes);
    }

    /** Makes an index's count of a file's live bytes wrong. */
    public static void miscount(LocationIndex index, long fileId, long bytes) throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            batch.live(fileId, new LiveRecords(bytes, 0));
            index.write(batch, false);
        }
    }

    /** Loses the location of a key, as an index that came back older does. */
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
