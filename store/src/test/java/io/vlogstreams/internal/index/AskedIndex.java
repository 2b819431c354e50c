/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.util.List;

/** An index in memory that counts what it is asked, and lets a test do something in the middle. */
final class AskedIndex extends MemoryIndex {

    /** Something to be done; may read or write the index. */
    @FunctionalInterface
    interface Hook {
        void run() throws IndexException;
    }

    private static final Hook NOTHING = () -> {};

    private int asked;
    private Hook afterLookup = NOTHING;
    private Hook beforeWrite = NOTHING;
    private Hook afterWrite = NOTHING;

    /** How many keys were looked up since this was last called. */
    int asked() {
        int since = asked;
        asked = 0;
        return since;
    }

    /** Done once: when the next lookup has looked and not yet returned. */
    void afterNextLookup(Hook hook) {
        afterLookup = hook;
    }

    /** Done in every write, before the batch is in the index. */
    void beforeWrites(Hook hook) {
        beforeWrite = hook;
    }

    /** Done in every write, when the batch is in the index. */
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
