/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import io.vlogstreams.internal.index.CommitPoint;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The expected content of a store that is opened at a certain state of its index.
 *
 * @param contents key to value
 */
@SuppressWarnings("ArrayRecordComponent") // not compared by equals
record Expected(
        SortedMap<String, Written> contents,
        Map<String, Long> offsets,
        byte[] position,
        boolean dirty,
        boolean written) {

    static final Expected NOTHING = new Expected(new TreeMap<>(), Map.of(), new byte[0], false, false);

    Expected {
        contents = new TreeMap<>(contents);
    }

    /**
     * Returns the expectation after the store is emptied because of damage: no content, and no offset to continue from.
     */
    Expected emptied(boolean exactlyOnce) {
        Map<String, Long> unknown = new HashMap<>();
        if (exactlyOnce) {
            offsets.keySet().forEach(partition -> unknown.put(partition, CommitPoint.UNKNOWN_OFFSET));
        }
        return new Expected(new TreeMap<>(), unknown, new byte[0], false, false);
    }

    boolean isSameStateAs(Expected other) {
        return contents.equals(other.contents)
                && offsets.equals(other.offsets)
                && Arrays.equals(position, other.position)
                && dirty == other.dirty;
    }
}
