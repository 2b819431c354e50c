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
 * The restored changelog records that are staged, with the offsets and the position of the last of them.
 *
 * <p>They arrive in small batches and are gathered, because RocksDB writes many sorted keys at a lower cost per key.
 * They are committed already, so all readers see them.
 *
 * <p>For the writer; {@link #offsets} and {@link #position} are for any thread.
 */
final class RestoredWrites {

    private final Staging staging;
    private final Committer committer;
    private final Backlog backlog;
    private volatile @Nullable End end;

    /** The offsets and the position after the last restored record. */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    record End(Map<String, Long> offsets, byte[] position) {}

    RestoredWrites(Staging staging, Committer committer, Backlog backlog) {
        this.staging = staging;
        this.committer = committer;
        this.backlog = backlog;
    }

    /** Returns the current offset of the store by changelog partition. */
    Map<String, Long> offsets() {
        End now = end;
        return now == null ? committer.commitPoint().offsets() : now.offsets();
    }

    /** Returns the position that belongs to the offsets. */
    byte[] position() {
        End now = end;
        return now == null ? committer.commitPoint().position() : now.position();
    }

    /** Returns the offsets and position of the staged records, or null if none are staged. */
    @Nullable
    End end() {
        return end;
    }

    /**
     * Stages the last write of each key in a batch.
     *
     * @return whether to write them to the index now: there are enough of them, or they are staged together with
     *     uncommitted writes
     */
    boolean add(List<Write> writes, Map<String, Long> offsets, byte[] position) throws IOException {
        CommitPoint commitPoint = committer.commitPoint();
        Map<String, Long> merged = new HashMap<>(offsets());
        merged.putAll(offsets);
        if (staging.current().isEmpty() && !commitPoint.dirty()) {
            staging.startRestored();
        }
        if (end == null) {
            // If staging fails half-way, the staged part belongs to no offset yet.
            end = new End(commitPoint.offsets(), commitPoint.position());
        }
        stageLastOfEachKey(writes);
        end = new End(merged, position);
        return !staging.current().areRestored() || staging.isFull() || backlog.isRestoredEnough(staging.current());
    }

    private void stageLastOfEachKey(List<Write> writes) throws IOException {
        StagedWrites staged = staging.current();
        long before = staged.sequence();
        // Backwards: the first write found for a key is its last, and the others need not go to the VLog.
        for (int i = writes.size() - 1; i >= 0; i--) {
            Write write = writes.get(i);
            if (!staged.wasPutSince(before, write.key())) {
                staging.put(write.key(), write.value());
            }
        }
    }

    /** Clears the state, because the records are in the index or were discarded. */
    void startAnew() {
        end = null;
    }
}
