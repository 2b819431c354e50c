/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.io.File;

/**
 * The file {@code .checkpoint} in which Kafka Streams before 4.3 kept the offsets of a task's stores. Streams 4.3 hands
 * its offsets to the stores it finds under the same names, and deletes it.
 */
final class LegacyCheckpoint {

    private static final String NAME = ".checkpoint";

    private LegacyCheckpoint() {}

    /** Whether there is a checkpoint file; Streams deletes it only after it has handed over what is in it. */
    static boolean exists(File taskFolder) {
        return new File(taskFolder, NAME).exists();
    }

    /**
     * Whether there is a checkpoint file and nothing of another store beside it. Then somebody put it there for the stores
     * to come, and it says from where they are to be restored. Otherwise it may belong to what is beside it.
     */
    static boolean standsAlone(File taskFolder) {
        String[] names = taskFolder.list();
        if (names == null) {
            return false;
        }
        boolean found = false;
        for (String name : names) {
            found |= name.equals(NAME);
            if (!name.startsWith(NAME) && !name.endsWith(".lock") && !name.equals(VLogStoreSupplier.SCOPE)) {
                return false;
            }
        }
        return found;
    }
}
