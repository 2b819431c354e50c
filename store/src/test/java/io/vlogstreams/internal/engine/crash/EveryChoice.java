/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Enumerates all combinations of choices: after a run, {@link #next} advances to the next combination. For one thread.
 */
final class EveryChoice implements IntUnaryOperator {

    private record Choice(int made, int possibilities) {}

    private final List<Choice> choices = new ArrayList<>();
    private int asked;

    @Override
    public int applyAsInt(int possibilities) {
        if (asked == choices.size()) {
            choices.add(new Choice(0, possibilities));
        }
        return choices.get(asked++).made;
    }

    /** Advances to the next combination; returns false if there is none. */
    boolean next() {
        asked = 0;
        while (!choices.isEmpty()) {
            Choice last = choices.remove(choices.size() - 1);
            if (last.made + 1 < last.possibilities) {
                choices.add(new Choice(last.made + 1, last.possibilities));
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return choices.stream().map(Choice::made).toList().toString();
    }
}
