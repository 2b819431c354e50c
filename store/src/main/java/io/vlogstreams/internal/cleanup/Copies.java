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
 * Copies of live records that the index does not name yet, of one file or of several. They are gathered, because many
 * in one write cost less, and because nobody need wait for a commit before the next file is copied.
 *
 * <p>Until they are moved their files are watched, and a file of copies looks obsolete. One thread at a time.
 */
final class Copies {

    /** So many are worth a write to the index. */
    private static final int ENOUGH = 1024;

    private static final long ENOUGH_BYTES = 4L << 20;

    /**
     * With more of them a commit is waited for: their keys take memory, and they are written twice if the write fails.
     */
    private static final int MAX = 16384;

    private static final long MAX_BYTES = 32L << 20;

    private final StoreWriter store;
    private final SpaceLedger ledger;

    private final List<Move> moves = new ArrayList<>();
    private long bytes;

    /** The file that is being copied; null if none is. */
    private @Nullable Long current;

    /** Files of which all is copied that was to be, and their lengths. */
    private final Map<Long, Long> finished = new HashMap<>();

    /** Whether the index took no write the last time. */
    private boolean moveFailed;

    Copies(StoreWriter store, SpaceLedger ledger) {
        this.store = store;
        this.ledger = ledger;
    }

    /** Copies of live records of this file will come. */
    void begin(long fileId) {
        current = fileId;
        ledger.watch(fileId);
    }

    /** Adds copies, which are in the VLog's file; returns their bytes. */
    long add(List<Move> copied) {
        long added = copied.stream().mapToLong(Move::bytes).sum();
        moves.addAll(copied);
        bytes += added;
        return added;
    }

    /** There will be no more of this file. */
    void finish(long fileId, long fileBytes) {
        finished.put(fileId, fileBytes);
        current = null;
    }

    boolean isEmpty() {
        return moves.isEmpty() && finished.isEmpty();
    }

    /** Whether the copies of this file are only to be moved. */
    boolean isFinished(long fileId) {
        return finished.containsKey(fileId);
    }

    /** The length of the files of which the copies are only to be moved. */
    long finishedBytes() {
        return finished.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether the index should name them now, if it can be had or there are too many. */
    boolean isMoveDue() {
        boolean enough = !finished.isEmpty() || moves.size() >= ENOUGH || bytes >= ENOUGH_BYTES;
        return enough && (!store.isCommitting() || moves.size() >= MAX || bytes >= MAX_BYTES);
    }

    /** Before more is copied: copies that the index does not take would fill the disk, and use up the reserve. */
    void checkIndexTakesMoves() throws IOException {
        if (moveFailed) {
            move(List.of());
        }
    }

    /** Lets the index name them. If it fails they are forgotten, and their records are where they were. */
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

    /** Forgets what is not moved. */
    private void forget() {
        moves.clear();
        bytes = 0;
        finished.keySet().forEach(ledger::unwatch);
        finished.clear();
    }

    /** The same, and there will be no more of any file. */
    void giveUp() {
        forget();
        if (current != null) {
            ledger.unwatch(current);
            current = null;
        }
    }

    /** What was moved, and the files of which it was the last. */
    record Moved(List<Move> moves, Collection<Long> finishedFiles) {}
}
