/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.EntryCount;
import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.index.LiveRecords;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The counters of the live records of each VLog file, those that the index refers to: their total size and the sum of
 * their {@linkplain Fingerprint fingerprints}. It also collects the dead records that the next commit has to list.
 *
 * <p>A change is written in the same batch as the locations that cause it, and applied here when that batch is in the
 * index. So the counters are exact even after a crash (invariant 6). The list of dead records in the index may be
 * incomplete, but has no live record (invariant 9).
 *
 * <p>Thread-safe.
 */
public final class SpaceLedger {

    /**
     * The most records that were never named and wait in memory for a commit to list them, 8 to 12 bytes each. Further
     * ones are not listed.
     */
    private static final int MAX_NEVER_NAMED = 1 << 20;

    private final SortedMap<Long, LiveRecords> live;
    private final Set<Long> changed = new TreeSet<>();

    /** Records that died without ever having been in the index, by file; the next commit lists them. */
    private final Map<Long, Offsets> neverNamed = new HashMap<>();

    private int neverNamedCount;

    /** The records that died in each watched file since the watch began. */
    private final Map<Long, Offsets> watched = new HashMap<>();

    /** Deleted files whose dead records are still listed in the index. */
    private final Set<Long> gone = new TreeSet<>();

    private long total;

    /** The number of files with implausible counters. */
    private int implausible;

    public SpaceLedger(SortedMap<Long, LiveRecords> live) {
        this.live = new TreeMap<>(live);
        count();
    }

    private void count() {
        total = live.values().stream().mapToLong(LiveRecords::bytes).sum();
        implausible =
                (int) live.values().stream().filter(SpaceLedger::isImplausible).count();
    }

    private static boolean isImplausible(LiveRecords records) {
        return records.bytes() < 0 || (records.bytes() == 0 && records.fingerprints() != 0);
    }

    /** Returns the live bytes of the file; 0 if no location names it. */
    public synchronized long liveBytes(long fileId) {
        return live(fileId).bytes();
    }

    private LiveRecords live(long fileId) {
        return live.getOrDefault(fileId, LiveRecords.NONE);
    }

    /** Returns the live bytes of all files. */
    public synchronized long liveBytes() {
        return total;
    }

    /** Returns the live bytes of the files that have any, as of now. */
    public synchronized SortedMap<Long, Long> snapshot() {
        SortedMap<Long, Long> bytes = new TreeMap<>();
        live.forEach((fileId, records) -> bytes.put(fileId, records.bytes()));
        return bytes;
    }

    public Change newChange() {
        return new Change();
    }

    /** Returns whether a file has negative live bytes, or a fingerprint without bytes: then the counters are wrong. */
    public synchronized boolean isImplausible() {
        return implausible > 0;
    }

    /** Adds the files whose live bytes have changed since the last call. */
    synchronized void moveChanged(Set<Long> into) {
        into.addAll(changed);
        changed.clear();
    }

    /** Watches the file until {@link #unwatch}, so that {@link #stillLive} knows which of its records die. */
    synchronized void watch(long fileId) {
        watched.put(fileId, new Offsets());
    }

    synchronized void unwatch(long fileId) {
        watched.remove(fileId);
    }

    /**
     * Returns the moves whose old location is still named; the others must not be made. All old locations were named
     * after their file was watched. Later calls must not pass records of a file that begin before the first of these.
     *
     * @throws IllegalStateException if a file is not watched
     */
    public synchronized List<Move> stillLive(List<Move> moves) {
        Map<Long, List<Move>> byFile = moves.stream()
                .collect(Collectors.groupingBy(move -> move.from().pointer().fileId()));
        List<Move> stillLive = new ArrayList<>(moves.size());
        byFile.forEach((fileId, ofFile) -> {
            Offsets.Sorted died = diedSinceWatched(fileId, ofFile);
            for (Move move : ofFile) {
                if (died.contains(move.fromOffset())) {
                    neverNamed(move.to().pointer());
                } else {
                    stillLive.add(move);
                }
            }
        });
        return stillLive;
    }

    /** Returns the records that died, from the first of the moves on; earlier ones are discarded. */
    private Offsets.Sorted diedSinceWatched(long fileId, List<Move> moves) {
        Offsets since = watched.get(fileId);
        if (since == null) {
            throw new IllegalStateException("VLog file " + fileId + " is not watched");
        }
        since.dropBefore(moves.stream().mapToLong(Move::fromOffset).min().orElseThrow());
        return since.sorted();
    }

    /** Records that the record was appended, but will never be named by the index. */
    public synchronized void neverNamed(ValuePointer record) {
        if (neverNamedCount < MAX_NEVER_NAMED) {
            neverNamedCount++;
            neverNamed.computeIfAbsent(record.fileId(), id -> new Offsets()).add(record.offset());
        }
    }

    /** Records that the file was deleted. */
    public synchronized void forget(long fileId) {
        Offsets listed = neverNamed.remove(fileId);
        neverNamedCount -= listed == null ? 0 : listed.count();
        gone.add(fileId);
    }

    /**
     * Replaces the counters by those of the index, because a change may have been applied in part. The records that
     * died in watched files are unknown, so the watches end.
     */
    public synchronized void readAnew(SortedMap<Long, LiveRecords> counted) {
        changed.addAll(live.keySet());
        changed.addAll(counted.keySet());
        live.clear();
        live.putAll(counted);
        count();
        watched.clear();
    }

    private synchronized Map<Long, LiveRecords> with(Map<Long, FileChange> files) {
        Map<Long, LiveRecords> now = new HashMap<>();
        files.forEach((fileId, file) -> now.put(fileId, live(fileId).plus(file.difference())));
        return now;
    }

    private synchronized void apply(Map<Long, FileChange> files, Set<Long> forgotten) {
        files.forEach((fileId, file) -> {
            LiveRecords before = live(fileId);
            LiveRecords now = before.plus(file.difference());
            total += file.bytes;
            implausible += (isImplausible(now) ? 1 : 0) - (isImplausible(before) ? 1 : 0);
            changed.add(fileId);
            if (now.equals(LiveRecords.NONE)) {
                live.remove(fileId);
            } else {
                live.put(fileId, now);
            }
            Offsets since = watched.get(fileId);
            if (since != null) {
                since.addAll(file.dead);
            }
        });
        gone.removeAll(forgotten);
    }

    private synchronized Map<Long, Offsets> takeNeverNamed() {
        Map<Long, Offsets> taken = Map.copyOf(neverNamed);
        neverNamed.clear();
        neverNamedCount = 0;
        return taken;
    }

    private synchronized Set<Long> gone() {
        return Set.copyOf(gone);
    }

    /** The effect of a change on one file. */
    private static final class FileChange {
        private long bytes;
        private long fingerprints;
        private final Offsets dead = new Offsets();

        LiveRecords difference() {
            return new LiveRecords(bytes, fingerprints);
        }
    }

    /** The effect of one batch on the live records. For one thread. */
    public final class Change {

        private final Map<Long, FileChange> files = new HashMap<>();
        private final Set<Long> forgotten = gone();
        private long separated;
        private long inlinePuts;

        private Change() {}

        /** Records that the index refers to the new location instead of the old one; null means no location. */
        public void replaced(@Nullable ValueLocation old, @Nullable ValueLocation now) {
            if (old instanceof Separated replaced) {
                FileChange file = file(replaced.pointer().fileId());
                file.bytes -= replaced.pointer().recordBytes();
                file.fingerprints -= Fingerprint.of(replaced);
                file.dead.add(replaced.pointer().offset());
                separated--;
            }
            if (now instanceof Separated added) {
                FileChange file = file(added.pointer().fileId());
                file.bytes += added.pointer().recordBytes();
                file.fingerprints += Fingerprint.of(added);
                separated++;
            } else if (now != null) {
                inlinePuts++;
            }
        }

        /** Returns the change of the number of keys. */
        public EntryCount entries() {
            return new EntryCount(separated, inlinePuts);
        }

        private FileChange file(long fileId) {
            return files.computeIfAbsent(fileId, id -> new FileChange());
        }

        /** Adds the new counters to the batch that has the locations. */
        public void addTo(IndexBatch batch) throws IndexException {
            for (Map.Entry<Long, LiveRecords> file : with(files).entrySet()) {
                batch.live(file.getKey(), file.getValue());
            }
            for (long fileId : forgotten) {
                batch.forgetDead(fileId);
            }
        }

        /**
         * Adds the records that die by this change, and those that died without having been named. For commits only: a
         * listed record has to be before the tail that the batch sets, because bytes after the tail may be overwritten.
         */
        public void addDeadTo(IndexBatch batch) throws IndexException {
            Map<Long, Offsets> dead = new HashMap<>();
            files.forEach((fileId, file) ->
                    dead.computeIfAbsent(fileId, id -> new Offsets()).addAll(file.dead));
            takeNeverNamed()
                    .forEach((fileId, offsets) ->
                            dead.computeIfAbsent(fileId, id -> new Offsets()).addAll(offsets));
            for (Map.Entry<Long, Offsets> file : dead.entrySet()) {
                if (!file.getValue().isEmpty()) {
                    batch.dead(file.getKey(), file.getValue().toArray());
                }
            }
        }

        /** Applies the change, because the batch is in the index. */
        public void applied() {
            apply(files, forgotten);
        }
    }
}
