/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.index.CommitPoint;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changelog records that were taken over and are staged, with the offsets and the position that they end at.
 *
 * <p>They come in small batches, and RocksDB takes many keys in order for less than it takes a few at a time; so they
 * are gathered. Since they are committed already, all readers see them.
 *
 * <p>The writer's; {@link #offsets} and {@link #position} are for any thread.
 */
final class RestoredWrites {

    private final Staging staging;
    private final Committer committer;
    private final Backlog backlog;
    private volatile @Nullable End end;

    /** Where the changelog stood after the last of them. */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    record End(Map<String, Long> offsets, byte[] position) {}

    RestoredWrites(Staging staging, Committer committer, Backlog backlog) {
        this.staging = staging;
        this.committer = committer;
        this.backlog = backlog;
    }

    /** Changelog partition to the offset that the store is at. */
    Map<String, Long> offsets() {
        End now = end;
        return now == null ? committer.commitPoint().offsets() : now.offsets();
    }

    /** The position that goes with these. */
    byte[] position() {
        End now = end;
        return now == null ? committer.commitPoint().position() : now.position();
    }

    /** Where they end, or null if none are staged. */
    @Nullable
    End end() {
        return end;
    }

    /**
     * Stages a batch, of each key the last write.
     *
     * @return whether the index has to take them now: there are enough of them, or readers could not tell them from
     *     writes that are not committed
     */
    boolean add(List<Write> writes, Map<String, Long> offsets, byte[] position) throws IOException {
        CommitPoint commitPoint = committer.commitPoint();
        Map<String, Long> merged = new HashMap<>(offsets());
        merged.putAll(offsets);
        if (staging.current().isEmpty() && !commitPoint.dirty()) {
            staging.startRestored();
        }
        if (end == null) {
            // If staging fails half-way, what is staged belongs to no offset yet.
            end = new End(commitPoint.offsets(), commitPoint.position());
        }
        stageLastOfEachKey(writes);
        end = new End(merged, position);
        return !staging.current().areRestored() || staging.isFull() || backlog.isRestoredEnough(staging.current());
    }

    private void stageLastOfEachKey(List<Write> writes) throws IOException {
        StagedWrites staged = staging.current();
        long before = staged.sequence();
        // Backwards: the first that is found of a key is its last, and the others need not be in the VLog.
        for (int i = writes.size() - 1; i >= 0; i--) {
            Write write = writes.get(i);
            if (!staged.wasPutSince(before, write.key())) {
                staging.put(write.key(), write.value());
            }
        }
    }

    /** They are in the index, or forgotten. */
    void startAnew() {
        end = null;
    }
}
