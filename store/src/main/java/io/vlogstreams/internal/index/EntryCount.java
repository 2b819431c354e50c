/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

/**
 * What is known of the number of keys in an index.
 *
 * <p>Any thread.
 *
 * @param separated keys whose value is in the VLog, exactly
 * @param inlinePuts how often an inline value was put, which is at least the number of keys that have one
 */
public record EntryCount(long separated, long inlinePuts) {

    public static final EntryCount NONE = new EntryCount(0, 0);

    public EntryCount plus(EntryCount other) {
        return new EntryCount(separated + other.separated, inlinePuts + other.inlinePuts);
    }

    /**
     * About how many keys there are: off by inline values only.
     *
     * @param estimate of all keys, which may count those that were overwritten or deleted, too
     */
    public long approximate(long estimate) {
        return separated + Math.min(inlinePuts, Math.max(0, estimate - separated));
    }
}
