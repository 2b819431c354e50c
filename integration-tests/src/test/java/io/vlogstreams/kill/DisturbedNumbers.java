/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Selects the first two numbers that come just before a multiple of a given number, each once. Thread-safe. */
final class DisturbedNumbers {

    private static final int MOST = 2;

    private final int every;
    private final Set<Long> disturbed = ConcurrentHashMap.newKeySet();

    DisturbedNumbers(int every) {
        this.every = every;
    }

    /** Returns whether to disturb the input now. */
    boolean take(byte[] input) {
        long number = Tally.number(input);
        return number % every == every - 1 && !areDone() && disturbed.add(number);
    }

    boolean areDone() {
        return disturbed.size() == MOST;
    }
}
