/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import static io.vlogstreams.internal.engine.crash.StoreOracle.KEYS;

import java.io.IOException;
import java.util.Map;

/**
 * Writes after which records have to be relocated: one record of each file stays live, and the others are overwritten
 * by the next file.
 *
 * <p>Stateless.
 */
final class SpreadRecords {

    private static final String HOT = KEYS.get(1);
    private static final int FIRST_COLD = 5;
    private static final int FILES = 4;
    private static final int COLD_BYTES = 150;
    private static final int HOT_BYTES = 700;

    private SpreadRecords() {}

    /** Returns settings with small files, because a small store may have two more files than it needs. */
    static Settings settings(Settings settings) {
        return settings.maxFile(1024).maxSpaceAmplification(1.01);
    }

    /** The commit that comes next relocates. */
    static void stage(CrashingStore store) throws IOException {
        put(store, 0, FILES);
    }

    /** Leaves little for {@link #stageTheRest}, so that not too many writes are undecided. */
    static void stageAndCommitHalf(CrashingStore store) throws IOException {
        put(store, 0, FILES - 1);
        store.commit(Map.of(CrashingStore.CHANGELOG, 1L), new byte[] {1});
    }

    static void stageTheRest(CrashingStore store) throws IOException {
        store.put(HOT, HOT_BYTES);
    }

    /** Relocates, and then makes a part of the copies obsolete. */
    static void relocateOnce(CrashingStore store) throws IOException {
        stage(store);
        store.commit(Map.of(CrashingStore.CHANGELOG, 2L), new byte[] {2});
        for (int i = 0; i < FILES; i++) {
            store.put(HOT, HOT_BYTES);
        }
        store.put(KEYS.get(FIRST_COLD), COLD_BYTES);
    }

    private static void put(CrashingStore store, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            store.put(KEYS.get(FIRST_COLD + i), COLD_BYTES);
            store.put(HOT, HOT_BYTES);
        }
    }

    /** Returns whether records were relocated; false after an earlier crash. */
    static boolean wasRelocated(CrashingStore store) {
        return !store.isOpen()
                || store.storage().hasFailed()
                || store.index().hasFailed()
                || store.engine().commitPoint().tail().relocated().fileId() > 0;
    }
}
