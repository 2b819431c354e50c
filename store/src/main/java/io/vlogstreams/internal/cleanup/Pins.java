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
 * The pins with which readers hold VLog files.
 *
 * <p>A pin does not list files. It holds the files that are retired while it is held and that existed when its reader
 * took its snapshot. A file that was retired at time t can be deleted when every pin still held was taken after t, or
 * belongs to a reader whose snapshot is older than the file. Time is a counter. So a reader holds at most the files
 * that existed when it began, however long it takes.
 *
 * <p>Thread-safe; no method waits.
 */
public final class Pins {

    private final NavigableMap<Long, Pin> held = new TreeMap<>();

    /** The pins of scans, by the moment at which they were taken; the first is the oldest. */
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
     * @param takenAt the moment at which the pin was taken, which identifies it
     * @param sinceNanos the time at which it was taken
     * @param thread the name of the thread that took it
     */
    record Scan(long takenAt, long sinceNanos, String thread) {}

    /** Takes a pin. A reader must take it before it looks at the index or at staged writes. */
    public synchronized Pin take() {
        Pin pin = new Pin(now++);
        held.put(pin.takenAt, pin);
        return pin;
    }

    /** Takes a pin for a scan. Scans are counted, because their users may keep them open for any time. */
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

    /** Returns the moment at which a file is retired. */
    synchronized long retire() {
        changes++;
        return now++;
    }

    /** Returns a counter that grows whenever a file may be released, or is retired. */
    synchronized long changes() {
        return changes;
    }

    /** Returns what the pins hold, as of now. */
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

        /** Returns whether a file that was retired at this moment is held. */
        boolean hold(long fileId, long retiredAt) {
            Map.Entry<Long, Long> earlier = highestByMoment.lowerEntry(retiredAt);
            return earlier != null && fileId <= earlier.getValue();
        }
    }

    /** Returns the number of pins, including those of scans. */
    public synchronized int held() {
        return held.size();
    }

    /** Returns the number of scans that hold a pin. */
    public synchronized int scans() {
        return scans.size();
    }

    /** Returns the scan that has held its pin for the longest time; null if there is none. */
    synchronized @Nullable Scan oldestScan() {
        return scans.isEmpty() ? null : scans.values().iterator().next();
    }

    /** Returns how long the oldest scan has held its pin; 0 if there is none. */
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

    /** The hold of one reader. */
    public final class Pin implements AutoCloseable {

        private final long takenAt;

        /** Guarded by the pins. */
        private long highestFileId = Long.MAX_VALUE;

        private Pin(long takenAt) {
            this.takenAt = takenAt;
        }

        /**
         * Records that the reader has its snapshots of index and staged writes, and does not look at later data.
         *
         * @param highestFileId the highest file id, read after the last snapshot was taken
         */
        public void snapshotTaken(long highestFileId) {
            setHighest(this, highestFileId);
        }

        /** Releases the pin. Idempotent. */
        @Override
        public void close() {
            release(this);
        }
    }
}
