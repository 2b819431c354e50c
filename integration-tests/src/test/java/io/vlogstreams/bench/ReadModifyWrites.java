/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;

/** Gets and puts each of these keys, and commits. A get with its put is one operation. */
record ReadModifyWrites(Picks picks) implements Step {

    @Override
    public void run(TestedStore store, Recorder recorder, Map<Figure, Double> figures) {
        picks.forEach(number -> {
            store.get(number, recorder);
            store.put(number, recorder);
        });
        store.commit(recorder);
    }
}
