/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.function.LongSupplier;

/**
 * How fast records are relocated: in proportion to what is appended, and slowly when nothing is. So a store that was
 * opened far above its bound comes down to it without a storm.
 *
 * <p>Thread-safe.
 */
final class Pace {

    private static final long IDLE_BYTES_PER_SECOND = 16L << 20;
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

    /** Whether anything may be relocated now, given all that was appended so far. */
    synchronized boolean allows(long appendedBytes) {
        long now = nanoTime.getAsLong();
        allowedBytes += (appendedBytes - appendedSeen) * copiedPerAppended
                + (now - timeSeen) / NANOS_PER_SECOND * IDLE_BYTES_PER_SECOND;
        allowedBytes = Math.min(allowedBytes, MAX_ALLOWED_BYTES);
        appendedSeen = appendedBytes;
        timeSeen = now;
        return allowedBytes > 0;
    }

    /** So much was copied. */
    synchronized void copied(long bytes) {
        allowedBytes -= bytes;
    }
}
