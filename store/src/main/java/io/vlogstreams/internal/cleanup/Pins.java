/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.TreeMap;

/**
 * The readers' hold on VLog files.
 *
 * <p>A pin does not list files: it holds every file that could be named when it was taken. A file retired at time t may
 * go when every pin still held was taken after t. Time is a counter.
 *
 * <p>Thread-safe; no call waits.
 */
public final class Pins {

    private final TreeMap<Long, Pin> held = new TreeMap<>();
    private long now;

    /** Takes a pin; to be taken before the reader looks at the index or at what is staged. */
    public synchronized Pin take() {
        Pin pin = new Pin(now++);
        held.put(pin.takenAt, pin);
        return pin;
    }

    /** The moment at which a file is retired. */
    synchronized long retire() {
        return now++;
    }

    /** Whether no pin is left that was taken before that moment. */
    synchronized boolean releasedBefore(long retiredAt) {
        return held.isEmpty() || held.firstKey() > retiredAt;
    }

    public synchronized int held() {
        return held.size();
    }

    private synchronized void release(Pin pin) {
        held.remove(pin.takenAt);
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
