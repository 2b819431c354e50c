/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for a condition with a timeout. */
final class Patience {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private Patience() {}

    /**
     * Polls the condition until it is true.
     *
     * @param what completes the sentence "waited 60 s for ..."
     * @throws ExampleFailedException if the condition is still false after the timeout
     */
    static void await(String what, Duration timeout, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > timeout.toNanos()) {
                throw new ExampleFailedException("waited " + timeout.toSeconds() + " s for " + what + ", in vain");
            }
            pause();
        }
    }

    static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExampleFailedException("interrupted");
        }
    }
}
