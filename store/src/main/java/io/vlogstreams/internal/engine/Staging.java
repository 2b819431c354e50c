/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.SpaceLedger;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The staged writes of a store: the current map of {@link StagedWrites}, within its memory limits.
 *
 * <p>When its content has reached the index, the map is replaced, never emptied: readers that still have the old map
 * find the same data there as in the index. For one writer and any number of readers.
 */
final class Staging {

    private final StagedMemory memory;
    private final SpaceLedger ledger;
    private final Placement placement;
    private volatile StagedWrites current = new StagedWrites(false);

    Staging(StagedMemory memory, SpaceLedger ledger, Placement placement) {
        this.memory = memory;
        this.ledger = ledger;
        this.placement = placement;
    }

    /** Returns the current map. */
    StagedWrites current() {
        return current;
    }

    /**
     * Places the value and stages its location; null stages a deletion. The key is kept, not copied.
     */
    void put(byte[] key, byte @Nullable [] value) throws IOException {
        // Invariant 1: the record is in the VLog before its location exists anywhere.
        ValueLocation location = value == null ? null : placement.place(key, value);
        StagedWrites staged = current;
        if (staged.put(key, location) instanceof Separated replaced) {
            ledger.neverNamed(replaced.pointer());
            staged.forget(replaced.pointer()); // last: a note for a file that is already gone would stay for ever
        }
    }

    /** Returns whether a memory limit is exceeded. */
    boolean isFull() {
        return memory.isExceeded(current.bytes());
    }

    /** Returns whether half of a memory limit is exceeded. */
    boolean isHalfFull() {
        return memory.isHalfUsed(current.bytes());
    }

    /** Returns the memory of uncommitted writes. Any thread. */
    long uncommittedBytes() {
        StagedWrites staged = current;
        return staged.areRestored() ? 0 : staged.bytes();
    }

    /** Starts an empty map, because the staged writes are in the index or were discarded. */
    void startAnew() {
        startAnew(false);
    }

    /** Starts an empty map for restored records. */
    void startRestored() {
        startAnew(true);
    }

    private void startAnew(boolean restored) {
        current = new StagedWrites(restored);
        memory.released();
    }
}
