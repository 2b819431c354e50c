/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;

/** Opens a copy of the folder of the store in use, which is the state that a kill leaves. */
record UncleanOpening(Picks picks) implements Step {

    @Override
    public void run(TestedStore store, Recorder recorder, Map<Figure, Double> figures) throws IOException {
        Recorder untimed = new Recorder();
        picks.forEach(number -> store.put(number, untimed));
        Path copy = store.folder().resolveSibling("killed");
        FolderCopy.make(store.folder(), copy);
        try (TestedStore opened = store.over(copy)) {
            figures.put(Figure.OPEN_MILLIS, opened.openNanos() / 1e6);
            opened.checkSomeVersions(picks);
        } finally {
            Utils.delete(copy.toFile());
        }
    }
}
