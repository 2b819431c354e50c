/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs a warning, once per scan, about scans that have been open for long while readers pin many bytes. Mostly these
 * are iterators that were not closed; the message names the thread that opened them.
 *
 * <p>For one thread at a time.
 */
final class ForgottenScans {

    private static final Logger LOG = LoggerFactory.getLogger(ForgottenScans.class);

    static final long LONG_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final String storeName;
    private final Pins pins;
    private final LongSupplier nanoTime;
    private long lastTold = -1;

    ForgottenScans(String storeName, Pins pins, LongSupplier nanoTime) {
        this.storeName = storeName;
        this.pins = pins;
        this.nanoTime = nanoTime;
    }

    /**
     * Checks the oldest scan.
     *
     * @param pinnedBytes the bytes that readers pin
     * @param muchBytes the bytes from which a warning is logged
     * @return whether a warning was logged
     */
    boolean look(long pinnedBytes, long muchBytes) {
        Pins.Scan oldest = pinnedBytes > muchBytes ? pins.oldestScan() : null;
        if (oldest == null || oldest.takenAt() <= lastTold) {
            return false;
        }
        long ageNanos = nanoTime.getAsLong() - oldest.sinceNanos();
        if (ageNanos < LONG_NANOS) {
            return false;
        }
        lastTold = oldest.takenAt();
        LOG.warn(
                "Store {}: an iterator has been open for {} s, and readers keep {} bytes of obsolete VLog files from being"
                        + " deleted. Thread {} opened it: if it is not needed any more, it was not closed",
                storeName,
                TimeUnit.NANOSECONDS.toSeconds(ageNanos),
                pinnedBytes,
                oldest.thread());
        return true;
    }
}
