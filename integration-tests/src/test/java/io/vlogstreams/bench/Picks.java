/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.function.IntConsumer;

/** The numbers of the keys of a workload, in its order. Immutable. */
final class Picks {

    private final int[] numbers;

    /** The array is kept, not copied. */
    Picks(int[] numbers) {
        this.numbers = numbers;
    }

    int size() {
        return numbers.length;
    }

    int at(int index) {
        return numbers[index];
    }

    void forEach(IntConsumer use) {
        for (int number : numbers) {
            use.accept(number);
        }
    }
}
