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
 * Looks out for scans that have been open for long while readers hold much, and says so in the log, once for each:
 * mostly an iterator that was not closed. The thread that opened it tells where to look.
 *
 * <p>One thread at a time.
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
     * Looks at the oldest scan.
     *
     * @param pinnedBytes what readers hold
     * @param muchBytes what is worth a word
     * @return whether it said something
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
