/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One key and its new value, in the current format; a null value deletes the key.
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Write(byte[] key, byte @Nullable [] value) {

    /** Of several writes in the order they were made, the last one for each key, in key order. */
    static List<Write> lastOfEachKey(List<Write> writes) {
        List<Write> sorted = new ArrayList<>(writes);
        sorted.sort(Comparator.comparing(Write::key, Arrays::compareUnsigned)); // keeps the order of those with one key
        List<Write> last = new ArrayList<>(sorted.size());
        for (int i = 0; i < sorted.size(); i++) {
            if (i == sorted.size() - 1
                    || !Arrays.equals(sorted.get(i).key(), sorted.get(i + 1).key())) {
                last.add(sorted.get(i));
            }
        }
        return last;
    }
}
