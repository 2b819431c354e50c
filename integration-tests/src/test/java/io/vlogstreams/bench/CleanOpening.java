/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;

/** Commits, closes and opens the store. */
record CleanOpening(Picks picks) implements Step {

    @Override
    public void run(TestedStore store, Recorder recorder, Map<Figure, Double> figures) {
        store.commit(recorder);
        store.close();
        store.open();
        figures.put(Figure.OPEN_MILLIS, store.openNanos() / 1e6);
        store.checkNewest(picks);
    }
}
