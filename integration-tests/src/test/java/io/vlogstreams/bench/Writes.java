/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;

/** Puts these keys, one after the other, and commits. */
record Writes(Picks picks) implements Step {

    @Override
    public void run(TestedStore store, Recorder recorder, Map<Figure, Double> figures) {
        picks.forEach(number -> store.put(number, recorder));
        store.commit(recorder);
    }
}
