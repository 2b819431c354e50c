/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.index.IndexView;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.vlog.Separated;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Recounts the live bytes of all files from a snapshot of the index, some keys at a time, and compares them with the
 * ledger of the same moment (invariant 6). The store continues to work meanwhile: later writes change ledger and index
 * alike, so they do not affect the difference.
 *
 * <p>For one thread at a time.
 */
final class Recount implements AutoCloseable {

    private static final int KEYS_PER_STEP = 4096;

    private final IndexView view;
    private final IndexCursor cursor;

    /** The recounted bytes minus those of the ledger, by file. */
    private final SortedMap<Long, Long> difference = new TreeMap<>();

    /**
     * @param view the index at that moment; closed with this object
     * @param said the ledger at that moment
     */
    Recount(IndexView view, Map<Long, Long> said) {
        this.view = view;
        this.cursor = openCursor(view);
        said.forEach((fileId, bytes) -> difference.put(fileId, -bytes));
    }

    private static IndexCursor openCursor(IndexView view) {
        try {
            return view.openCursor(KeyRange.ALL, true);
        } catch (Throwable e) {
            view.close();
            throw e;
        }
    }

    /** Counts the next keys; returns false if there are no more. */
    boolean step() throws IOException {
        for (int keys = 0; keys < KEYS_PER_STEP; keys++) {
            if (!cursor.isValid()) {
                return false;
            }
            if (cursor.location() instanceof Separated separated) {
                difference.merge(
                        separated.pointer().fileId(), separated.pointer().recordBytes(), Long::sum);
            }
            cursor.advance();
        }
        return true;
    }

    /** Returns the recounted bytes minus those of the ledger, by file; empty if the ledger is right. */
    SortedMap<Long, Long> difference() {
        difference.values().removeIf(bytes -> bytes == 0);
        return difference;
    }

    @Override
    public void close() {
        try (view) {
            cursor.close();
        }
    }
}
