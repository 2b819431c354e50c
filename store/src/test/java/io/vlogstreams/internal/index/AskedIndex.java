/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.util.List;

/** An in-memory index that counts lookups, and runs hooks in the middle of calls. */
final class AskedIndex extends MemoryIndex {

    /** A hook; it may read or write the index. */
    @FunctionalInterface
    interface Hook {
        void run() throws IndexException;
    }

    private static final Hook NOTHING = () -> {};

    private int asked;
    private Hook afterLookup = NOTHING;
    private Hook beforeWrite = NOTHING;
    private Hook afterWrite = NOTHING;

    /** Returns how many keys were looked up since the last call. */
    int asked() {
        int since = asked;
        asked = 0;
        return since;
    }

    /** Runs the hook once, before the next lookup returns. */
    void afterNextLookup(Hook hook) {
        afterLookup = hook;
    }

    /** Runs the hook in every write, before the batch is in the index. */
    void beforeWrites(Hook hook) {
        beforeWrite = hook;
    }

    /** Runs the hook in every write, when the batch is in the index. */
    void afterWrites(Hook hook) {
        afterWrite = hook;
    }

    @Override
    public ValueLocation get(byte[] key) {
        asked++;
        ValueLocation found = super.get(key);
        runAfterLookup();
        return found;
    }

    @Override
    public List<Separated> separated(List<byte[]> sortedKeys) {
        asked += sortedKeys.size();
        List<Separated> found = super.separated(sortedKeys);
        runAfterLookup();
        return found;
    }

    private void runAfterLookup() {
        Hook hook = afterLookup;
        afterLookup = NOTHING;
        try {
            hook.run();
        } catch (IndexException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void write(IndexBatch batch, boolean sync) throws IndexException {
        beforeWrite.run();
        super.write(batch, sync);
        afterWrite.run();
    }
}
