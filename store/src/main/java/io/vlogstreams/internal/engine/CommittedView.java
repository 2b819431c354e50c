/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.Pins;
import io.vlogstreams.internal.cleanup.Pins.Pin;
import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.index.IndexReader;
import io.vlogstreams.internal.index.IndexView;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The index as of the last commit. Usually that is the index itself. While the index holds spilled writes, it is a view
 * that was taken, with a pin, before the first spill.
 *
 * <p>The writer takes and releases the view; readers use it on any thread and never wait. The last user closes it.
 */
final class CommittedView {

    private final LocationIndex index;
    private final Pins pins;
    private final LongSupplier highestFileId;
    private final boolean wanted;
    private final AtomicInteger timesKept = new AtomicInteger();
    private volatile @Nullable Kept kept;

    /**
     * Starts without a view.
     *
     * @param highestFileId supplies the current highest file id
     * @param wanted whether there are readers of committed data; otherwise no view is taken
     */
    CommittedView(LocationIndex index, Pins pins, LongSupplier highestFileId, boolean wanted) {
        this.index = index;
        this.pins = pins;
        this.highestFileId = highestFileId;
        this.wanted = wanted;
    }

    /**
     * Writer: takes a view, because the index has committed data only, and uncommitted writes will follow. An existing
     * view is kept.
     */
    void keep() {
        if (!wanted || kept != null) {
            return;
        }
        Pin pin = pins.take();
        try {
            IndexView view = index.openView();
            pin.snapshotTaken(highestFileId.getAsLong()); // after the view, which names no file with a higher id
            kept = new Kept(view, pin);
        } catch (Throwable e) {
            pin.close();
            throw e;
        }
        timesKept.incrementAndGet();
    }

    /** Writer: releases the view, because the index has committed data only. */
    void giveUp() {
        Kept given = kept;
        if (given != null) {
            kept = null;
            given.leave();
        }
    }

    /** Reads the value at a location. */
    interface Reading {
        byte @Nullable [] read(@Nullable ValueLocation location) throws IOException;
    }

    /** Reader: reads the value at the committed location of the key. The caller must hold a pin. */
    byte @Nullable [] read(byte[] key, Reading reading) throws IOException {
        while (true) {
            int before = timesKept.get();
            Kept current = enter();
            try {
                byte @Nullable [] value = reading.read(reader(current).get(key));
                if (current != null || timesKept.get() == before) {
                    return value;
                }
                // A spill came in between, and the value may be part of it.
            } finally {
                leave(current);
            }
        }
    }

    /**
     * A cursor, and an action that releases the view. The view is older than the reader's pin, so the view's own pin
     * must be held as long as the reader reads.
     */
    record Opened(IndexCursor cursor, Runnable release) {}

    /** Reader: opens a cursor over committed data, to be released once. To read values, the caller must hold a pin. */
    Opened openCursor(KeyRange range, boolean ascending) {
        while (true) {
            int before = timesKept.get();
            Kept current = enter();
            IndexCursor cursor = openCursor(current, range, ascending);
            if (current != null) {
                return new Opened(cursor, current::leave);
            }
            if (timesKept.get() == before) {
                return new Opened(cursor, () -> {});
            }
            cursor.close();
        }
    }

    /** Opens a cursor; if that fails, leaves the view. */
    private IndexCursor openCursor(@Nullable Kept current, KeyRange range, boolean ascending) {
        try {
            return reader(current).openCursor(range, ascending);
        } catch (Throwable e) {
            leave(current);
            throw e;
        }
    }

    private IndexReader reader(@Nullable Kept current) {
        return current == null ? index : current.view;
    }

    /** Enters and returns the view, or null if there is none. */
    private @Nullable Kept enter() {
        while (true) {
            Kept current = kept;
            if (current == null || current.enter()) {
                return current;
            }
        }
    }

    private static void leave(@Nullable Kept current) {
        if (current != null) {
            current.leave();
        }
    }

    /** A view with the number of its users, including the writer. */
    private static final class Kept {

        private final IndexView view;
        private final Pin pin;
        private final AtomicInteger users = new AtomicInteger(1);

        Kept(IndexView view, Pin pin) {
            this.view = view;
            this.pin = pin;
        }

        /** Returns false if the last user has left. */
        boolean enter() {
            return users.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
        }

        void leave() {
            if (users.decrementAndGet() == 0) {
                view.close();
                pin.close();
            }
        }
    }
}
