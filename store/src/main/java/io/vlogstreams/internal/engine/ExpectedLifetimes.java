/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.vlog.Lifetime;
import io.vlogstreams.internal.vlog.VLog;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Predicts the lifetime of a value from the last write of its key: a key that was written recently is mostly one that
 * is written often. It does not ask the index, which would cost a lookup in every put.
 *
 * <p>Memory: at most 256 KiB for any number of keys; less for few keys, and next to nothing in a small log, where every
 * value is expected to live long. Several keys share a slot, which keeps the last one. So it mostly remembers the keys
 * that are written most often. Unknown keys are expected to live long. Nothing is kept over a restart.
 *
 * <p>Used by the one writer of a store.
 */
final class ExpectedLifetimes {

    private static final int SLOT_BITS = 15;

    /** Slots are allocated in parts of this size, when the first of them is needed. */
    private static final int PART_BITS = 6;

    /** A write is recent if at most this part of the log's bytes was appended since. */
    private static final int RECENT_DIVISOR = 8;

    /** The unit of the appended bytes in a slot: 32 bits are 16 TiB. */
    private static final int CLOCK_SHIFT = 12;

    private final VLog vlog;
    private final CRC32C hash = new CRC32C();

    /** The hash of the key that was written last (high 32 bits), and the time of that write. */
    private long[] @Nullable [] parts = new long[0][];

    ExpectedLifetimes(VLog vlog) {
        this.vlog = vlog;
    }

    /** Returns the expected lifetime of the value that is written now for this key. */
    Lifetime next(byte[] key) {
        long recentBytes = vlog.totalBytes() / RECENT_DIVISOR;
        long targetBytes = vlog.targetFileBytes();
        if (recentBytes < targetBytes / 2) {
            return Lifetime.LONG; // the log is far too small for predictions
        }
        hash.reset();
        hash.update(key);
        long hashed = hash.getValue();
        long[] slots = partOf(hashed);
        int slot = (int) hashed & (slots.length - 1);
        long last = slots[slot];
        long now = vlog.appendedBytes();
        slots[slot] = hashed << Integer.SIZE | units(now);
        // Records that are written within the time of one file are in one file anyway.
        boolean lately = last >>> Integer.SIZE == hashed
                && units(now - (last << CLOCK_SHIFT)) <= recentBytes >> CLOCK_SHIFT
                && recentBytes >= targetBytes;
        return lately ? Lifetime.SHORT : Lifetime.LONG;
    }

    private long[] partOf(long hashed) {
        if (parts.length == 0) {
            parts = new long[1 << (SLOT_BITS - PART_BITS)][];
        }
        int number = (int) (hashed >>> PART_BITS) & (parts.length - 1);
        long @Nullable [] part = parts[number];
        if (part == null) {
            part = new long[1 << PART_BITS];
            parts[number] = part;
        }
        return part;
    }

    private static long units(long bytes) {
        return bytes >>> CLOCK_SHIFT & 0xFFFF_FFFFL;
    }
}
