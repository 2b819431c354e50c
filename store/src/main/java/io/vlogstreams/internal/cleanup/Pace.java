/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.function.LongSupplier;

/**
 * Limits the rate of relocation: proportional to the appended bytes, and low when nothing is appended. So a store that
 * is opened far above its bound approaches it without a burst of I/O.
 *
 * <p>Thread-safe.
 */
final class Pace {

    /** The rate when nothing is appended. */
    private static final long IDLE_BYTES_PER_SECOND = 16L << 20;

    /** The most that may be copied later because it was not copied earlier. */
    private static final long MAX_ALLOWED_BYTES = 32L << 20;

    private static final double NANOS_PER_SECOND = 1e9;

    private final double copiedPerAppended;
    private final LongSupplier nanoTime;
    private long appendedSeen;
    private long timeSeen;
    private double allowedBytes;

    Pace(double copiedPerAppended, LongSupplier nanoTime) {
        this.copiedPerAppended = copiedPerAppended;
        this.nanoTime = nanoTime;
        this.timeSeen = nanoTime.getAsLong();
    }

    /** Returns whether records may be relocated now, given the total of appended bytes. */
    synchronized boolean allows(long appendedBytes) {
        long now = nanoTime.getAsLong();
        allowedBytes += (appendedBytes - appendedSeen) * copiedPerAppended
                + (now - timeSeen) / NANOS_PER_SECOND * IDLE_BYTES_PER_SECOND;
        allowedBytes = Math.min(allowedBytes, MAX_ALLOWED_BYTES);
        appendedSeen = appendedBytes;
        timeSeen = now;
        return allowedBytes > 0;
    }

    /** Records that so many bytes were copied. */
    synchronized void copied(long bytes) {
        allowedBytes -= bytes;
    }
}
