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
 * The index as of the last commit. Usually that is the index itself; while it holds spilled writes, it is a view that
 * was taken, with a pin, before the first of them.
 *
 * <p>The writer keeps the view and gives it up; readers use it on any thread and wait for nobody. The last one to leave
 * closes it.
 */
final class CommittedView {

    private final LocationIndex index;
    private final Pins pins;
    private final LongSupplier highestFileId;
    private final boolean wanted;
    private final AtomicInteger timesKept = new AtomicInteger();
    private volatile @Nullable Kept kept;

    /**
     * Kept by nobody.
     *
     * @param highestFileId the highest id of a file of now
     * @param wanted whether there are readers of committed data; if not, no view is kept
     */
    CommittedView(LocationIndex index, Pins pins, LongSupplier highestFileId, boolean wanted) {
        this.index = index;
        this.pins = pins;
        this.highestFileId = highestFileId;
        this.wanted = wanted;
    }

    /**
     * Writer: what is in the index now is what was committed, and more will follow that is not. What is kept already is
     * still what was committed.
     */
    void keep() {
        if (!wanted || kept != null) {
            return;
        }
        Pin pin = pins.take();
        try {
            IndexView view = index.openView();
            pin.snapshotTaken(highestFileId.getAsLong()); // after the view: what it names is in a file up to this one
            kept = new Kept(view, pin);
        } catch (Throwable e) {
            pin.close();
            throw e;
        }
        timesKept.incrementAndGet();
    }

    /** Writer: what is in the index is committed. */
    void giveUp() {
        Kept given = kept;
        if (given != null) {
            kept = null;
            given.leave();
        }
    }

    /** What a reader does with the location of its key. */
    interface Reading {
        byte @Nullable [] read(@Nullable ValueLocation location) throws IOException;
    }

    /** Reader: reads at the committed location of the key, which cannot be deleted meanwhile. The caller has a pin. */
    byte @Nullable [] read(byte[] key, Reading reading) throws IOException {
        while (true) {
            int before = timesKept.get();
            Kept current = enter();
            try {
                byte @Nullable [] value = reading.read(reader(current).get(key));
                if (current != null || timesKept.get() == before) {
                    return value;
                }
                // A spill came in between, and what was read may be part of it.
            } finally {
                leave(current);
            }
        }
    }

    /**
     * A cursor, and what holds the files that it names: a view is older than the pin of who looks at it, so the view
     * has to stay as long as the reader.
     */
    record Opened(IndexCursor cursor, Runnable release) {}

    /** Reader: a cursor over what is committed, to be released once. The caller has a pin if it reads values. */
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

    /** If it fails, the view is left again. */
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

    /** The view, held, or null if the index is it. */
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

    /** The view and how many use it, the writer included. */
    private static final class Kept {

        private final IndexView view;
        private final Pin pin;
        private final AtomicInteger users = new AtomicInteger(1);

        Kept(IndexView view, Pin pin) {
            this.view = view;
            this.pin = pin;
        }

        /** False if the last user has left. */
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
