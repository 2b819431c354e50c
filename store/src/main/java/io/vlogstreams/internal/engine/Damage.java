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
 * The known damage of a store, and its consequences: a store that Kafka Streams can restore is emptied, and restored
 * when it is opened again. Thread-safe.
 */
public final class Damage {

    private final EngineOptions options;
    private final ValueFormats formats;

    /** The reason why the index is no longer trusted. */
    private volatile @Nullable IOException lost;

    private volatile boolean emptiedByClose;
    private volatile boolean needsNewIndex;

    /** Whether the index holds writes of an aborted transaction; for the writer. */
    private boolean mixed;

    public Damage(EngineOptions options, ValueFormats formats) {
        this.options = options;
        this.formats = formats;
    }

    /** Records that the index is damaged; from now on the store refuses all operations. */
    void indexIsLost(IOException cause) {
        lost = cause;
    }

    /**
     * Called after the index was read, so that no result of a lost index is used, and before it is written.
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

    /** Records that a transaction was aborted whose writes cannot be told from committed ones. */
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

    /** Marks the store to be emptied when it is closed, without offsets, so that it is restored as a whole. */
    public void emptyByClose() {
        emptiedByClose = true;
    }

    /** The same. A damaged index is not written any more but replaced. */
    public void emptyByClose(IOException cause) {
        needsNewIndex |= cause instanceof IndexDamagedException || cause.getCause() instanceof IndexDamagedException;
        emptyByClose();
    }

    /** Returns whether to empty the index when it is closed. */
    boolean emptiesIndex() {
        return emptiedByClose && !needsNewIndex;
    }

    /** Returns whether closing has nothing to write. */
    boolean isGivenUp() {
        return emptiedByClose || lost != null;
    }

    /** Returns whether the closed index has to be replaced. */
    public boolean needsNewIndex() {
        return needsNewIndex;
    }

    /**
     * Returns whether Streams can restore the content: it has committed an offset, or says that there is a changelog.
     */
    public boolean isRestorable(Map<String, Long> offsets) {
        return !offsets.isEmpty() || !options.changelogs().isEmpty();
    }

    /**
     * Returns the commit point of an emptied store, which is to be restored as a whole.
     *
     * <p>Under exactly-once Streams interprets a missing offset as possible uncommitted writes, and wipes the task with
     * all of its other stores. This store is certainly empty, which the offset "unknown" says. Global stores, which are
     * never under exactly-once here, must not use it, because Streams would seek to it.
     *
     * <p>The store counts as never written: an offset that is committed before it is restored refers to its old
     * content.
     */
    public CommitPoint emptied(CommitPoint last) {
        // Invariant 5: the files stay until they are found obsolete, and no id is reused. The highest id is at least 1,
        // so that a store that held only small values does not look as if it had never held any.
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
