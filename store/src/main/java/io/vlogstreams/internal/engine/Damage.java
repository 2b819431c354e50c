/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.index.CommitPoint;
import io.vlogstreams.internal.index.EntryCount;
import io.vlogstreams.internal.index.IndexDamagedException;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known to be wrong with a store, and what becomes of it: a store that Kafka Streams can restore is emptied,
 * and restored when it is opened again. Any thread.
 */
public final class Damage {

    private final EngineOptions options;
    private final ValueFormats formats;

    /** Why the index is no longer believed. */
    private volatile @Nullable IOException lost;

    private volatile boolean emptiedByClose;
    private volatile boolean needsNewIndex;

    /** Whether the index holds writes of an aborted transaction; the writer's. */
    private boolean mixed;

    public Damage(EngineOptions options, ValueFormats formats) {
        this.options = options;
        this.formats = formats;
    }

    /** The index does not hold what was written to it: from now on the store answers nothing. */
    void indexIsLost(IOException cause) {
        lost = cause;
    }

    /**
     * Called after the index was read, so that no answer counts that came out of a lost one, and before it is written.
     *
     * @throws StoreDamagedException if the index is lost
     */
    void check() throws StoreDamagedException {
        IOException cause = lost;
        if (cause != null) {
            throw new StoreDamagedException(
                    "store " + options.storeName() + ": its index is damaged, so the store has to be restored: "
                            + cause.getMessage(),
                    cause);
        }
    }

    /** A transaction was aborted, and its writes cannot be told from committed ones. */
    void isMixed() {
        mixed = true;
    }

    void checkTakesWrites() throws IOException {
        check();
        if (mixed) {
            throw new DirtyStoreException("store " + options.storeName()
                    + ": its transaction was aborted, and its writes could not be told"
                    + " from committed ones, so the store has to be restored from its changelog");
        }
    }

    /** When the store is closed it is emptied and forgets its offsets: what is restored then is all of it. */
    public void emptyByClose() {
        emptiedByClose = true;
    }

    /** The same; after damage of the index nothing is written to that any more, and a new one has to take its place. */
    public void emptyByClose(IOException cause) {
        needsNewIndex |= cause instanceof IndexDamagedException || cause.getCause() instanceof IndexDamagedException;
        emptyByClose();
    }

    /** Whether the index is to be emptied when it is closed. */
    boolean emptiesIndex() {
        return emptiedByClose && !needsNewIndex;
    }

    /** Whether nothing is worth to be written at the end. */
    boolean isGivenUp() {
        return emptiedByClose || lost != null;
    }

    /** Whether a new index has to take the place of the one that was closed. */
    public boolean needsNewIndex() {
        return needsNewIndex;
    }

    /**
     * Whether Streams can bring the content back: it has given the store an offset, or says that there is a changelog.
     */
    public boolean isRestorable(Map<String, Long> offsets) {
        return !offsets.isEmpty() || !options.changelogs().isEmpty();
    }

    /**
     * The commit point of a store that is emptied, to be restored whole.
     *
     * <p>Under exactly-once Streams would take "no offset" to mean that there may be uncommitted writes, and wipe the
     * task with all of its other stores. This one is empty for certain, which "unknown" says. Global stores, which are
     * never under exactly-once here, must not say it: Streams would seek to it.
     *
     * <p>It counts as never written: an offset that comes to it before it is restored speaks of what it held before.
     */
    public CommitPoint emptied(CommitPoint last) {
        // Invariant 5: the files stay until they are found obsolete, and no id is used again, whatever comes next.
        // And one that held nothing but small values is not to look as if it had never held anything.
        VLogTail tail = new VLogTail(0, 0, Math.max(1, last.tail().highestFileId()));
        Map<String, Long> offsets = new HashMap<>();
        if (options.exactlyOnce()) {
            Set<String> partitions = new HashSet<>(options.changelogs());
            partitions.addAll(last.offsets().keySet());
            partitions.forEach(partition -> offsets.put(partition, CommitPoint.UNKNOWN_OFFSET));
        }
        return new CommitPoint(tail, EntryCount.NONE, offsets, new byte[0], formats.encode(), false, false, true);
    }
}
