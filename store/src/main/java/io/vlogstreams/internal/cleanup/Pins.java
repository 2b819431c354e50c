/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The readers' hold on VLog files.
 *
 * <p>A pin does not list files: it holds every file that is retired while it is held. A file retired at time t may go
 * when every pin still held was taken after t. Time is a counter.
 *
 * <p>Thread-safe; no call waits.
 */
public final class Pins {

    private final TreeMap<Long, Pin> held = new TreeMap<>();

    /** Of the pins of scans: taken at, and the time in nanoseconds. The oldest is the first. */
    private final Map<Long, Long> scans = new LinkedHashMap<>();

    private final LongSupplier nanoTime;
    private long now;

    public Pins() {
        this(System::nanoTime);
    }

    public Pins(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Takes a pin; to be taken before the reader looks at the index or at what is staged. */
    public synchronized Pin take() {
        Pin pin = new Pin(now++);
        held.put(pin.takenAt, pin);
        return pin;
    }

    /** Takes a pin for a scan, which may hold it for as long as its user likes, and so is counted. */
    public synchronized Pin takeForScan() {
        Pin pin = take();
        scans.put(pin.takenAt, nanoTime.getAsLong());
        return pin;
    }

    /** The moment at which a file is retired. */
    synchronized long retire() {
        return now++;
    }

    /** The moment of the oldest pin: whatever was retired before it, nobody holds any more. */
    synchronized long oldest() {
        return held.isEmpty() ? Long.MAX_VALUE : held.firstKey();
    }

    /** How many pins are held, those of scans included. */
    public synchronized int held() {
        return held.size();
    }

    /** How many scans hold a pin. */
    public synchronized int scans() {
        return scans.size();
    }

    /** How long the oldest scan has held its pin; 0 if there is none. */
    public synchronized long oldestScanNanos() {
        return scans.isEmpty()
                ? 0
                : nanoTime.getAsLong() - scans.values().iterator().next();
    }

    private synchronized void release(Pin pin) {
        held.remove(pin.takenAt);
        scans.remove(pin.takenAt);
    }

    /** One reader's hold. */
    public final class Pin implements AutoCloseable {

        private final long takenAt;

        private Pin(long takenAt) {
            this.takenAt = takenAt;
        }

        /** Gives up the hold; again does nothing. */
        @Override
        public void close() {
            release(this);
        }
    }
}
