/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.SpaceLedger;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import org.jspecify.annotations.Nullable;

/**
 * Where a store's staged writes are: in one map after the other, within the memory they may take.
 *
 * <p>The map is replaced, never emptied, when its content has reached the index: readers that still have the old one find
 * there what they would now find in the index. One writer; readers on any thread.
 */
final class Staging {

    private final StagedMemory memory;
    private final SpaceLedger ledger;
    private volatile StagedWrites current = new StagedWrites(false);

    Staging(StagedMemory memory, SpaceLedger ledger) {
        this.memory = memory;
        this.ledger = ledger;
    }

    /** The map of now. */
    StagedWrites current() {
        return current;
    }

    void put(byte[] key, @Nullable ValueLocation location) {
        if (current.put(key, location) instanceof Separated replaced) {
            ledger.neverNamed(replaced.pointer());
        }
    }

    /** Whether the memory is used up. */
    boolean isFull() {
        return memory.isExceeded(current.bytes());
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
