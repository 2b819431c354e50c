/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.EntryCount;
import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.IndexException;
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

    /** The fingerprints of the live records of each file, summed; null if some of them are not known. */
    private final Map<Long, @Nullable Long> liveSums = new HashMap<>();

    private long total;

    /** How many files have less than no live bytes. */
    private int implausible;

    public SpaceLedger(SortedMap<Long, Long> liveBytes) {
        this.liveBytes = new TreeMap<>(liveBytes);
        liveBytes.keySet().forEach(fileId -> liveSums.put(fileId, null));
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

    /** Whether a file has less than no live bytes: then the counts were wrong before, and a recount has to find out. */
    public synchronized boolean isImplausible() {
        return implausible > 0;
    }

    /** Adds the files whose live bytes changed since this was last asked. */
    synchronized void moveChanged(Set<Long> into) {
        into.addAll(changed);
        changed.clear();
    }

    /**
     * Watches the file until {@link #unwatch}: {@link #stillLive} will know what dies in it from now on.
     *
     * @return what is known now
     */
    synchronized KnownRecords watch(long fileId) {
        return new KnownRecords(dead.watch(fileId), liveSums.getOrDefault(fileId, 0L));
    }

    synchronized void unwatch(long fileId) {
        dead.unwatch(fileId);
    }

    /**
     * Those moves whose old location is named now; the others will not be made. All of them were named since their file is
     * watched, and of each file none that is asked for later begins before the first of these.
     */
    public synchronized List<Move> stillLive(List<Move> moves) {
        Map<Long, List<Move>> byFile = moves.stream()
                .collect(Collectors.groupingBy(move -> move.from().pointer().fileId()));
        List<Move> live = new ArrayList<>(moves.size());
        byFile.forEach((fileId, ofFile) -> {
            long first = ofFile.stream().mapToLong(Move::fromOffset).min().orElseThrow();
            Offsets.Sorted died = dead.sinceWatched(fileId, first);
            for (Move move : ofFile) {
                if (died.contains(move.fromOffset())) {
                    neverNamed(move.to().pointer());
                } else {
                    live.add(move);
                }
            }
        });
        return live;
    }

    /** The record was appended, but no location in the index will ever name it. */
    public synchronized void neverNamed(ValuePointer record) {
        Offsets one = new Offsets();
        one.add(record.offset());
        dead.add(record.fileId(), one);
    }

    /** The file is gone. */
    synchronized void forget(long fileId) {
        dead.forget(fileId);
        liveSums.remove(fileId);
    }

    /**
     * A change may have been taken over in part: these are the counts that the index holds. What died in watched files is not
     * known, so they are watched no more.
     */
    public synchronized void readAnew(SortedMap<Long, Long> counted) {
        changed.addAll(liveBytes.keySet());
        changed.addAll(counted.keySet());
        liveBytes.clear();
        liveBytes.putAll(counted);
        liveSums.clear();
        counted.keySet().forEach(fileId -> liveSums.put(fileId, null));
        total = counted.values().stream().mapToLong(Long::longValue).sum();
        implausible = (int) counted.values().stream().filter(bytes -> bytes < 0).count();
        dead.unwatchAll();
    }

    private synchronized long changed(long fileId, long difference) {
        return liveBytes(fileId) + difference;
    }

    private synchronized void apply(Map<Long, FileChange> files) {
        files.forEach((fileId, file) -> {
            long before = liveBytes(fileId);
            long bytes = before + file.difference;
            total += file.difference;
            implausible += (bytes < 0 ? 1 : 0) - (before < 0 ? 1 : 0);
            changed.add(fileId);
            if (bytes == 0) {
                liveBytes.remove(fileId);
            } else {
                liveBytes.put(fileId, bytes);
            }
            dead.add(fileId, file.dead);
            addToLiveSum(fileId, file);
        });
    }

    private void addToLiveSum(long fileId, FileChange file) {
        Long sum = liveSums.getOrDefault(fileId, 0L);
        liveSums.put(fileId, sum == null ? null : Long.valueOf(sum + file.sum));
    }

    /** What a change does to one file. */
    private static final class FileChange {
        private long difference;
        private long sum;
        private final Offsets dead = new Offsets();
    }

    /** What one batch does to the live bytes. One thread. */
    public final class Change {

        private final Map<Long, FileChange> files = new HashMap<>();
        private long separated;
        private long inlinePuts;

        private Change() {}

        /** The index refers to the new location where it referred to the old one; null is no location. */
        public void replaced(@Nullable ValueLocation old, @Nullable ValueLocation now) {
            if (old instanceof Separated gone) {
                FileChange file = file(gone.pointer().fileId());
                file.difference -= gone.pointer().recordBytes();
                file.sum -= Fingerprint.of(gone);
                file.dead.add(gone.pointer().offset());
                separated--;
            }
            if (now instanceof Separated added) {
                FileChange file = file(added.pointer().fileId());
                file.difference += added.pointer().recordBytes();
                file.sum += Fingerprint.of(added);
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
            for (Map.Entry<Long, FileChange> file : files.entrySet()) {
                batch.liveBytes(file.getKey(), changed(file.getKey(), file.getValue().difference));
            }
        }

        /** The batch is in the index. */
        public void applied() {
            apply(files);
        }
    }
}
