/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;

/** Gets these keys, one after the other. */
record Reads(Picks picks) implements Step {

    @Override
    public void run(TestedStore store, Recorder recorder, Map<Figure, Double> figures) {
        picks.forEach(number -> store.get(number, recorder));
        recorder.operations(picks.size());
    }
}
