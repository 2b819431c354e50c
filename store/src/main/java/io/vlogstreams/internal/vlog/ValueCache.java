/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An LRU cache of values by pointer, bounded in bytes. The bytes at a pointer never change, so entries never become
 * outdated.
 *
 * <p>Thread-safe; with a size of 0 it takes no lock.
 */
final class ValueCache {

    /** The approximate size of an entry without its bytes. */
    private static final int ENTRY_OVERHEAD_BYTES = 160;

    /** A value larger than this part of the cache would evict too many others. */
    private static final int MAX_PART = 4;

    private final long capacityBytes;
    private final Map<ValuePointer, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long usedBytes;

    private static final class Entry {
        final byte[] key;
        final byte[] value;

        Entry(byte[] key, byte[] value) {
            this.key = key;
            this.value = value;
        }

        long bytes() {
            return ENTRY_OVERHEAD_BYTES + (long) key.length + value.length;
        }
    }

    ValueCache(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    /**
     * Returns a copy of the value; null if it is not cached, or belongs to another key, which a real read will report.
     */
    byte @Nullable [] get(ValuePointer pointer, byte[] key) {
        if (capacityBytes == 0) {
            return null;
        }
        Entry entry = find(pointer);
        return entry == null || !Arrays.equals(entry.key, key) ? null : entry.value.clone();
    }

    private synchronized @Nullable Entry find(ValuePointer pointer) {
        return entries.get(pointer);
    }

    /** Keeps a copy of the value, if it is not too large. */
    void put(ValuePointer pointer, byte[] key, byte[] value) {
        if (capacityBytes == 0 || value.length > capacityBytes / MAX_PART) {
            return;
        }
        Entry entry = new Entry(key.clone(), value.clone());
        synchronized (this) {
            Entry before = entries.put(pointer, entry);
            usedBytes += entry.bytes() - (before == null ? 0 : before.bytes());
            Iterator<Entry> oldest = entries.values().iterator();
            while (usedBytes > capacityBytes) {
                usedBytes -= oldest.next().bytes();
                oldest.remove();
            }
        }
    }
}
