/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The first two numbers just before a multiple, each once: when it comes again it is left in peace. Thread-safe. */
final class DisturbedNumbers {

    private static final int MOST = 2;

    private final int every;
    private final Set<Long> disturbed = ConcurrentHashMap.newKeySet();

    DisturbedNumbers(int every) {
        this.every = every;
    }

    /** Whether the input is to be disturbed now. */
    boolean take(byte[] input) {
        long number = Tally.number(input);
        return number % every == every - 1 && !areDone() && disturbed.add(number);
    }

    boolean areDone() {
        return disturbed.size() == MOST;
    }
}
