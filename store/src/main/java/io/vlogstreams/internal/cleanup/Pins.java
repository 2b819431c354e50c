/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The readers' hold on VLog files.
 *
 * <p>A pin lists no files: it holds those that are retired while it is held and that existed when its reader took its
 * snapshot. A file retired at time t may go when each pin still held was taken after t, or is of a reader whose
 * snapshot is older than the file. Time is a counter. So a reader costs what there was when it began, however long it
 * takes.
 *
 * <p>Thread-safe; no call waits.
 */
public final class Pins {

    private final NavigableMap<Long, Pin> held = new TreeMap<>();

    /** Those of scans, by the moment at which they were taken. The oldest is the first. */
    private final Map<Long, Scan> scans = new LinkedHashMap<>();

    private final LongSupplier nanoTime;
    private long now;
    private long changes;

    public Pins() {
        this(System::nanoTime);
    }

    public Pins(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * The pin of a scan.
     *
     * @param takenAt which one it is
     * @param sinceNanos when it was taken
     * @param thread the name of the thread that took it
     */
    record Scan(long takenAt, long sinceNanos, String thread) {}

    /** Takes a pin; to be taken before the reader looks at the index or at what is staged. */
    public synchronized Pin take() {
        Pin pin = new Pin(now++);
        held.put(pin.takenAt, pin);
        return pin;
    }

    /** Takes a pin for a scan, which may hold it for as long as its user likes, and so is counted. */
    public synchronized Pin takeForScan() {
        Pin pin = take();
        scans.put(
                pin.takenAt,
                new Scan(
                        pin.takenAt,
                        nanoTime.getAsLong(),
                        Thread.currentThread().getName()));
        return pin;
    }

    /** The moment at which a file is retired. */
    synchronized long retire() {
        changes++;
        return now++;
    }

    /** Grows whenever files may be held no more, or one is retired. */
    synchronized long changes() {
        return changes;
    }

    /** What is held. No live view. */
    synchronized Holds holds() {
        NavigableMap<Long, Long> highestByMoment = new TreeMap<>();
        long highest = -1;
        for (Pin pin : held.values()) {
            if (pin.highestFileId > highest) {
                highest = pin.highestFileId;
                highestByMoment.put(pin.takenAt, highest);
            }
        }
        return new Holds(highestByMoment);
    }

    /**
     * What pins hold.
     *
     * @param highestByMoment the highest file id that a pin taken then, or earlier, holds
     */
    record Holds(NavigableMap<Long, Long> highestByMoment) {

        /** Whether this file is held that was retired at this moment. */
        boolean hold(long fileId, long retiredAt) {
            Map.Entry<Long, Long> earlier = highestByMoment.lowerEntry(retiredAt);
            return earlier != null && fileId <= earlier.getValue();
        }
    }

    /** How many pins are held, those of scans included. */
    public synchronized int held() {
        return held.size();
    }

    /** How many scans hold a pin. */
    public synchronized int scans() {
        return scans.size();
    }

    /** The scan that has held its pin for the longest time; null if there is none. */
    synchronized @Nullable Scan oldestScan() {
        return scans.isEmpty() ? null : scans.values().iterator().next();
    }

    /** How long the oldest scan has held its pin; 0 if there is none. */
    public long oldestScanNanos() {
        Scan oldest = oldestScan();
        return oldest == null ? 0 : nanoTime.getAsLong() - oldest.sinceNanos();
    }

    private synchronized void setHighest(Pin pin, long fileId) {
        pin.highestFileId = fileId;
        changes++;
    }

    private synchronized void release(Pin pin) {
        held.remove(pin.takenAt);
        scans.remove(pin.takenAt);
        changes++;
    }

    /** One reader's hold. */
    public final class Pin implements AutoCloseable {

        private final long takenAt;

        /** Guarded by the pins. */
        private long highestFileId = Long.MAX_VALUE;

        private Pin(long takenAt) {
            this.takenAt = takenAt;
        }

        /**
         * The reader has its snapshots of index and staged writes, and looks at nothing that comes later.
         *
         * @param highestFileId the highest id of a file, read after the last of them was taken
         */
        public void snapshotTaken(long highestFileId) {
            setHighest(this, highestFileId);
        }

        /** Gives up the hold. Idempotent. */
        @Override
        public void close() {
            release(this);
        }
    }
}
