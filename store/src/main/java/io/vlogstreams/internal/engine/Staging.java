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
 * Where a store's staged writes are: in one map after the other, within the memory they may take.
 *
 * <p>The map is replaced, never emptied, when its content has reached the index: readers that still have the old one
 * find there what they would now find in the index. One writer; readers on any thread.
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

    /** The map of now. */
    StagedWrites current() {
        return current;
    }

    /**
     * Puts the value where it belongs, and stages where that is; null stages a deletion. The key is kept, not copied.
     */
    void put(byte[] key, byte @Nullable [] value) throws IOException {
        // Invariant 1: the record is in the VLog before its location exists anywhere.
        ValueLocation location = value == null ? null : placement.place(key, value);
        StagedWrites staged = current;
        if (staged.put(key, location) instanceof Separated replaced) {
            ledger.neverNamed(replaced.pointer());
            staged.forget(replaced.pointer()); // last: what is noted of a file that is gone would stay for ever
        }
    }

    /** Whether the memory is used up. */
    boolean isFull() {
        return memory.isExceeded(current.bytes());
    }

    /** Whether half of it is. */
    boolean isHalfFull() {
        return memory.isHalfUsed(current.bytes());
    }

    /** Memory that writes take which are not committed. Any thread. */
    long uncommittedBytes() {
        StagedWrites staged = current;
        return staged.areRestored() ? 0 : staged.bytes();
    }

    /** What was staged is in the index, or forgotten. */
    void startAnew() {
        startAnew(false);
    }

    /** The same, and what comes next is restored. */
    void startRestored() {
        startAnew(true);
    }

    private void startAnew(boolean restored) {
        current = new StagedWrites(restored);
        memory.released();
    }
}
