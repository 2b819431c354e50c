/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The folders of all stores of the application on {@link NumbersTopology}, each with a file that only a wipe removes.
 *
 * @param paths the folders; they need not exist
 */
record StoreFolders(List<Path> paths) {

    private static final String MARKER = "marker";

    static StoreFolders of(Path stateFolder, String applicationId) {
        List<Path> paths = new ArrayList<>();
        for (int partition = 0; partition < NumbersTopology.PARTITIONS; partition++) {
            Path task = stateFolder.resolve(applicationId).resolve("0_" + partition);
            for (String store : NumbersTopology.STORES) {
                paths.add(task.resolve("vlog").resolve(store));
            }
        }
        return new StoreFolders(paths);
    }

    /** Marks all folders, which must exist. */
    void mark() throws IOException {
        for (Path path : paths) {
            Files.writeString(path.resolve(MARKER), MARKER);
        }
    }

    /** Returns how many were wiped since they were marked. */
    int countWiped() {
        return (int) paths.stream()
                .filter(path -> Files.notExists(path.resolve(MARKER)))
                .count();
    }
}
