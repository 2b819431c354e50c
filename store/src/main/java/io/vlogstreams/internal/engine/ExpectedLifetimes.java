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
 * Guesses how long a value will live from when its key was last written: a key that was written lately is mostly one
 * that is written often. The index is not asked, which would cost a lookup in every put.
 *
 * <p>Memory: 256 KiB at most, whatever the number of keys; less for few keys, and next to nothing in a small log, in
 * which every value is expected to live long. A key has one slot, which it shares; the key that comes later stays. So
 * of many keys those are remembered that are written most often, and what is not known is taken to live long. Nothing
 * is kept over a restart.
 *
 * <p>Used by the one writer of a store.
 */
final class ExpectedLifetimes {

    private static final int SLOT_BITS = 15;

    /** So many slots are allocated together, when the first of them is needed. */
    private static final int PART_BITS = 6;

    /** Lately: this part of the log's bytes was appended since. */
    private static final int RECENT_DIVISOR = 8;

    /** The unit in which a slot counts what has been appended: 32 bits of it are 16 TiB. */
    private static final int CLOCK_SHIFT = 12;

    private final VLog vlog;
    private final CRC32C hash = new CRC32C();

    /** The hash of the key that was written last (high 32 bits), and when. */
    private long[] @Nullable [] parts = new long[0][];

    ExpectedLifetimes(VLog vlog) {
        this.vlog = vlog;
    }

    /** What to expect of the value that is now written for this key. */
    Lifetime next(byte[] key) {
        long recentBytes = vlog.totalBytes() / RECENT_DIVISOR;
        long targetBytes = vlog.targetFileBytes();
        if (recentBytes < targetBytes / 2) {
            return Lifetime.LONG; // it will take long until anything is expected of a key, if ever
        }
        hash.reset();
        hash.update(key);
        long hashed = hash.getValue();
        long[] slots = partOf(hashed);
        int slot = (int) hashed & (slots.length - 1);
        long last = slots[slot];
        long now = vlog.appendedBytes();
        slots[slot] = hashed << Integer.SIZE | units(now);
        // What is written within the time of one file is in one file anyway.
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
