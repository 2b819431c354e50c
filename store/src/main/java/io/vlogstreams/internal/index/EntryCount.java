/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

/**
 * The counters for the number of keys in an index. Immutable and thread-safe.
 *
 * @param separated the number of keys whose value is in the VLog, exactly
 * @param inlinePuts how often an inline value was put, which is an upper bound for the number of keys that have one
 */
public record EntryCount(long separated, long inlinePuts) {

    public static final EntryCount NONE = new EntryCount(0, 0);

    public EntryCount plus(EntryCount other) {
        return new EntryCount(separated + other.separated, inlinePuts + other.inlinePuts);
    }

    /**
     * Returns about how many keys there are; only inline values make it inexact.
     *
     * @param estimate an estimate of all keys, which may include overwritten and deleted ones
     */
    public long approximate(long estimate) {
        return separated + Math.min(inlinePuts, Math.max(0, estimate - separated));
    }
}
