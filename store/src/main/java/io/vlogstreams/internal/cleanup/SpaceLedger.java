/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The live bytes of each VLog file: the record bytes that the index refers to.
 *
 * <p>A change is written in the batch that carries the locations it comes from, and taken over when that batch is in the
 * index. So the counts are exact after a crash, too (invariant 6).
 *
 * <p>Thread-safe.
 */
public final class SpaceLedger {

    private final SortedMap<Long, Long> liveBytes;
    private final Set<Long> changed = new TreeSet<>();
    private final DeadRecords dead = new DeadRecords();
    private long total;

    /** How many files have less than no live bytes. */
    private int implausible;

    public SpaceLedger(SortedMap<Long, Long> liveBytes) {
        this.liveBytes = new TreeMap<>(liveBytes);
        this.total = liveBytes.values().stream().mapToLong(Long::longValue).sum();
        this.implausible =
                (int) liveBytes.values().stream().filter(bytes -> bytes < 0).count();
    }

    /** Live bytes of the file; 0 if no location names it. */
    public synchronized long liveBytes(long fileId) {
        return liveBytes.getOrDefault(fileId, 0L);
    }

    /** Live bytes of all files. */
    public synchronized long liveBytes() {
        return total;
    }

    /** The files that have live bytes, with how many. */
    public synchronized SortedMap<Long, Long> snapshot() {
        return new TreeMap<>(liveBytes);
    }

    public Change newChange() {
        return new Change();
    }

    /** Whether a file has less than no live bytes: then the counts were wrong before, and a recount has to heal them. */
    public synchronized boolean isImplausible() {
        return implausible > 0;
    }

    /** The files whose live bytes changed since this was last asked. */
    synchronized Set<Long> takeChanged() {
        Set<Long> taken = new TreeSet<>(changed);
        changed.clear();
        return taken;
    }

    /** The records of the file that no location names any more, as far as they are remembered. */
    synchronized DeadRecords.InFile deadRecords(long fileId) {
        return dead.in(fileId);
    }

    private synchronized long changed(long fileId, long difference) {
        return liveBytes(fileId) + difference;
    }

    private synchronized void apply(Map<Long, InFile> files) {
        files.forEach((fileId, file) -> {
            long before = liveBytes(fileId);
            long bytes = before + file.difference;
            total += file.difference;
            implausible += (bytes < 0 ? 1 : 0) - (before < 0 ? 1 : 0);
            changed.add(fileId);
            if (bytes == 0) {
                liveBytes.remove(fileId);
                dead.forget(fileId);
            } else {
                liveBytes.put(fileId, bytes);
                dead.add(fileId, file.dead);
            }
        });
    }

    /** What a change does to one file. */
    private static final class InFile {
        private long difference;
        private final DeadRecords.Units dead = new DeadRecords.Units();
    }

    /** What one batch does to the live bytes. One thread. */
    public final class Change {

        private final Map<Long, InFile> files = new TreeMap<>();

        private Change() {}

        /** The index refers to the new location where it referred to the old one; null is no location. */
        public void replaced(@Nullable ValueLocation old, @Nullable ValueLocation now) {
            if (old instanceof Separated gone) {
                InFile file = file(gone.pointer().fileId());
                file.difference -= gone.pointer().recordBytes();
                file.dead.add(gone.pointer());
            }
            if (now instanceof Separated added) {
                file(added.pointer().fileId()).difference += added.pointer().recordBytes();
            }
        }

        /** The file has so many live bytes more than was counted. */
        public void corrected(long fileId, long difference) {
            file(fileId).difference += difference;
        }

        private InFile file(long fileId) {
            return files.computeIfAbsent(fileId, id -> new InFile());
        }

        /** Adds the new counts to the batch that carries the locations. */
        public void addTo(IndexBatch batch) throws IndexException {
            for (Map.Entry<Long, InFile> file : files.entrySet()) {
                batch.liveBytes(file.getKey(), changed(file.getKey(), file.getValue().difference));
            }
        }

        /** The batch is in the index. */
        public void applied() {
            apply(files);
        }
    }
}
