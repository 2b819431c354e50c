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
 * The live records of each VLog file, those that the index refers to: how many bytes they are, and the sum of their
 * {@linkplain Fingerprint fingerprints}. And what is to be written of dead records, which no location will name any
 * more.
 *
 * <p>A change is written in the batch that carries the locations it comes from, and taken over when that batch is in
 * the index. So the counts are exact after a crash, too (invariant 6). The list of dead records in the index may lack
 * some, but names none that is live (invariant 9).
 *
 * <p>Thread-safe.
 */
public final class SpaceLedger {

    /**
     * Of so many records that were never named, 8 to 12 bytes each, a commit lists the first: they wait in memory for
     * it.
     */
    private static final int MAX_NEVER_NAMED = 1 << 20;

    private final SortedMap<Long, LiveRecords> live;
    private final Set<Long> changed = new TreeSet<>();

    /** Records that died without having been in the index, by file; the next commit lists them. */
    private final Map<Long, Offsets> neverNamed = new HashMap<>();

    private int neverNamedCount;

    /** What died in each watched file since the watch began. */
    private final Map<Long, Offsets> watched = new HashMap<>();

    /** Files that are gone while the index still lists dead records of them. */
    private final Set<Long> gone = new TreeSet<>();

    private long total;

    /** How many files have live records that cannot be. */
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

    /** Live bytes of the file; 0 if no location names it. */
    public synchronized long liveBytes(long fileId) {
        return live(fileId).bytes();
    }

    private LiveRecords live(long fileId) {
        return live.getOrDefault(fileId, LiveRecords.NONE);
    }

    /** Live bytes of all files. */
    public synchronized long liveBytes() {
        return total;
    }

    /** The files that have live bytes, with how many. */
    public synchronized SortedMap<Long, Long> snapshot() {
        SortedMap<Long, Long> bytes = new TreeMap<>();
        live.forEach((fileId, records) -> bytes.put(fileId, records.bytes()));
        return bytes;
    }

    public Change newChange() {
        return new Change();
    }

    /** Whether a file has negative live bytes, or something live in none: then the counts were wrong before. */
    public synchronized boolean isImplausible() {
        return implausible > 0;
    }

    /** Adds the files whose live bytes changed since this was last asked. */
    synchronized void moveChanged(Set<Long> into) {
        into.addAll(changed);
        changed.clear();
    }

    /** Watches the file until {@link #unwatch}: {@link #stillLive} will know what dies in it from now on. */
    synchronized void watch(long fileId) {
        watched.put(fileId, new Offsets());
    }

    synchronized void unwatch(long fileId) {
        watched.remove(fileId);
    }

    /**
     * Those moves whose old location is named now; the others will not be made. All of them were named since their file
     * is watched, and of each file none that is asked for later begins before the first of these.
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

    /** From the first of the moves on; what is before is forgotten. */
    private Offsets.Sorted diedSinceWatched(long fileId, List<Move> moves) {
        Offsets since = watched.get(fileId);
        if (since == null) {
            throw new IllegalStateException("VLog file " + fileId + " is not watched");
        }
        since.dropBefore(moves.stream().mapToLong(Move::fromOffset).min().orElseThrow());
        return since.sorted();
    }

    /** The record was appended, but no location in the index will ever name it. */
    public synchronized void neverNamed(ValuePointer record) {
        if (neverNamedCount < MAX_NEVER_NAMED) {
            neverNamedCount++;
            neverNamed.computeIfAbsent(record.fileId(), id -> new Offsets()).add(record.offset());
        }
    }

    /** The file is gone. */
    public synchronized void forget(long fileId) {
        Offsets listed = neverNamed.remove(fileId);
        neverNamedCount -= listed == null ? 0 : listed.count();
        gone.add(fileId);
    }

    /**
     * A change may have been taken over in part: these are the counts that the index holds. What died in watched files
     * is not known, so they are watched no more.
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

    /** What a change does to one file. */
    private static final class FileChange {
        private long bytes;
        private long fingerprints;
        private final Offsets dead = new Offsets();

        LiveRecords difference() {
            return new LiveRecords(bytes, fingerprints);
        }
    }

    /** What one batch does to the live records. One thread. */
    public final class Change {

        private final Map<Long, FileChange> files = new HashMap<>();
        private final Set<Long> forgotten = gone();
        private long separated;
        private long inlinePuts;

        private Change() {}

        /** The index refers to the new location where it referred to the old one; null is no location. */
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

        /** What it does to the number of keys. */
        public EntryCount entries() {
            return new EntryCount(separated, inlinePuts);
        }

        private FileChange file(long fileId) {
            return files.computeIfAbsent(fileId, id -> new FileChange());
        }

        /** Adds the new counts to the batch that carries the locations. */
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
         * dead record has to lie before the end of the log that the batch brings, because what lies after it may be
         * written anew.
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

        /** The batch is in the index. */
        public void applied() {
            apply(files, forgotten);
        }
    }
}
