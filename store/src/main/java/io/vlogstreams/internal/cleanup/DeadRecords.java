/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Records that no location names any more: a relocation does not have to ask the index for them, and finds out here what
 * died while it copied.
 *
 * <p>A dead record stays dead, because no record is written to the same place again. What dies in a file that is watched is
 * remembered in any case; of other files all or nothing, as there is room, since to have forgotten one costs lookups and
 * nothing else. Nothing of this is kept on disk.
 *
 * <p>Guarded by its user.
 */
final class DeadRecords {

    /** 4 bytes each, and up to half as much again. */
    private static final int MAX_RECORDS = 1 << 20;

    private final int maxRecords;
    private final Map<Long, Offsets.Compact> byFile = new HashMap<>();
    private int records;

    /** Files of which something had no room, so that nothing is remembered. */
    private final Set<Long> givenUp = new HashSet<>();

    /** What died in each watched file since the watch began. */
    private final Map<Long, Offsets> watched = new HashMap<>();

    DeadRecords() {
        this(MAX_RECORDS);
    }

    DeadRecords(int maxRecords) {
        this.maxRecords = maxRecords;
    }

    /** Remembers these, if there is room or the file is watched. */
    void add(long fileId, Offsets dead) {
        if (records + dead.count() > maxRecords) {
            giveUp(fileId);
        } else if (dead.count() > 0 && !givenUp.contains(fileId)) {
            records +=
                    byFile.computeIfAbsent(fileId, id -> new Offsets.Compact()).addAll(dead);
        }
        Offsets since = watched.get(fileId);
        if (since != null) {
            since.addAll(dead);
        }
    }

    /** Of one file all is worth more than some of each. */
    private void giveUp(long fileId) {
        forget(fileId);
        givenUp.add(fileId);
    }

    /** The file is gone. */
    void forget(long fileId) {
        givenUp.remove(fileId);
        Offsets.Compact gone = byFile.remove(fileId);
        records -= gone == null ? 0 : gone.count();
    }

    /** From now on everything that dies in the file is remembered; returns what is known until now. */
    Offsets.Sorted watch(long fileId) {
        watched.put(fileId, new Offsets());
        Offsets.Compact dead = byFile.get(fileId);
        return dead == null ? new Offsets().sorted() : dead.sorted();
    }

    void unwatch(long fileId) {
        watched.remove(fileId);
    }

    void unwatchAll() {
        watched.clear();
    }

    /**
     * What died in a watched file since the watch began, from this offset on; what is before is forgotten.
     *
     * @throws IllegalStateException if the file is not watched
     */
    Offsets.Sorted sinceWatched(long fileId, long fromOffset) {
        Offsets since = watched.get(fileId);
        if (since == null) {
            throw new IllegalStateException("VLog file " + fileId + " is not watched");
        }
        since.dropBefore(fromOffset);
        return since.sorted();
    }
}
