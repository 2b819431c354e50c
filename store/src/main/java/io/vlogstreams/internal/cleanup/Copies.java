/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pending copies: copies of live records, of one file or several, that the index does not name yet. They are
 * gathered because moving many in one index write costs less, and because the cleanup can copy the next file while a
 * commit is under way.
 *
 * <p>Until they are moved, their old files are watched, and the file of the copies looks obsolete. For one thread at a
 * time.
 */
final class Copies {

    /** Enough copies for a write to the index. */
    private static final int ENOUGH = 1024;

    private static final long ENOUGH_BYTES = 4L << 20;

    /**
     * With this many copies the move waits for a commit: their keys take memory, and a failed move repeats them.
     */
    private static final int MAX = 16384;

    private static final long MAX_BYTES = 32L << 20;

    private final StoreWriter store;
    private final SpaceLedger ledger;

    private final List<Move> moves = new ArrayList<>();
    private long bytes;

    /** The file that is being relocated; null if there is none. */
    private @Nullable Long current;

    /** The lengths of files whose live records are all copied, by id. */
    private final Map<Long, Long> finished = new HashMap<>();

    /** Whether the last move failed. */
    private boolean moveFailed;

    Copies(StoreWriter store, SpaceLedger ledger) {
        this.store = store;
        this.ledger = ledger;
    }

    /** Begins to gather copies from this file. */
    void begin(long fileId) {
        current = fileId;
        ledger.watch(fileId);
    }

    /** Adds copies that are in the VLog's file; returns their total size. */
    long add(List<Move> copied) {
        long added = copied.stream().mapToLong(Move::bytes).sum();
        moves.addAll(copied);
        bytes += added;
        return added;
    }

    /** Records that all live records of this file are copied. */
    void finish(long fileId, long fileBytes) {
        finished.put(fileId, fileBytes);
        current = null;
    }

    boolean isEmpty() {
        return moves.isEmpty() && finished.isEmpty();
    }

    /** Returns whether the file is completely copied and waits for the move. */
    boolean isFinished(long fileId) {
        return finished.containsKey(fileId);
    }

    /** Returns the total length of the files that are completely copied. */
    long finishedBytes() {
        return finished.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns whether to move now: there are enough copies, and no commit is under way or there are too many. */
    boolean isMoveDue() {
        boolean enough = !finished.isEmpty() || moves.size() >= ENOUGH || bytes >= ENOUGH_BYTES;
        return enough && (!store.isCommitting() || moves.size() >= MAX || bytes >= MAX_BYTES);
    }

    /** Called before copying: without working moves, copies would only fill the disk and use up the reserve. */
    void checkIndexTakesMoves() throws IOException {
        if (moveFailed) {
            move(List.of());
        }
    }

    /** Makes the index refer to the copies. If that fails they are discarded, and the old records stay live. */
    Moved move() throws IOException {
        Moved moved = new Moved(List.copyOf(moves), Set.copyOf(finished.keySet()));
        try {
            if (!moves.isEmpty()) {
                move(moved.moves());
            }
            return moved;
        } finally {
            forget();
        }
    }

    private void move(List<Move> some) throws IOException {
        moveFailed = true;
        store.move(some);
        moveFailed = false;
    }

    /** Discards the pending copies. */
    private void forget() {
        moves.clear();
        bytes = 0;
        finished.keySet().forEach(ledger::unwatch);
        finished.clear();
    }

    /** Discards the pending copies, and ends the relocation of the current file. */
    void giveUp() {
        forget();
        if (current != null) {
            ledger.unwatch(current);
            current = null;
        }
    }

    /** The completed moves, and the files that they completed. */
    record Moved(List<Move> moves, Collection<Long> finishedFiles) {}
}
