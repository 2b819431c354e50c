/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.HashMap;
import java.util.Map;

/**
 * Records that no location names any more: a relocation does not have to ask the index for them, and finds out here what
 * died while it copied.
 *
 * <p>A dead record stays dead, because no record is written to the same place again. What dies in a file that is watched is
 * remembered in any case; of other files as much as there is room for, since to have forgotten one costs a lookup and
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
        if (dead.count() > 0 && records + dead.count() <= maxRecords) {
            records +=
                    byFile.computeIfAbsent(fileId, id -> new Offsets.Compact()).addAll(dead);
        }
        Offsets since = watched.get(fileId);
        if (since != null) {
            since.addAll(dead);
        }
    }

    /** The file is gone. */
    void forget(long fileId) {
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
