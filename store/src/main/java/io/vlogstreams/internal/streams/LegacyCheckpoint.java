/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.io.File;
import java.util.Arrays;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStoreContext;

/**
 * The file {@code .checkpoint} in which Kafka Streams before 4.3 kept the offsets of a task's stores. Streams 4.3
 * commits its offsets to the stores of the same names, before it asks them for theirs, and then deletes the file. If
 * {@code upgrade.from} is set, it writes the file when a task is closed.
 *
 * <p>There is one object for each opening of a store. Thread-safe.
 */
final class LegacyCheckpoint {

    private static final String NAME = ".checkpoint";

    /** Streams writes this file when it creates the folder of an application. */
    private static final String FIRST_FILE_OF_AN_APPLICATION = "kafka-streams-process-metadata";

    private final File file;
    private final boolean byStreams;
    private final boolean aboutNewStores;
    private volatile boolean handedOver;

    private LegacyCheckpoint(File file, boolean byStreams, boolean aboutNewStores) {
        this.file = file;
        this.byStreams = byStreams;
        this.aboutNewStores = aboutNewStores;
    }

    /** Looks at the file before the store creates its folder. */
    static LegacyCheckpoint before(StateStoreContext context) {
        File file = new File(context.stateDir(), NAME);
        return new LegacyCheckpoint(
                file,
                context.appConfigs().get(StreamsConfig.UPGRADE_FROM_CONFIG) != null,
                standsAlone(file) && isOlderThanTheApplication(file));
    }

    /** Returns whether the file exists. Streams deletes it only after it has committed its offsets to the stores. */
    boolean exists() {
        return file.exists();
    }

    /**
     * Returns whether the file concerns stores that do not exist yet: somebody placed it there to say where restoring
     * should start. That is only possible if the folder never held a store of any kind.
     */
    boolean isAboutNewStores() {
        return aboutNewStores && isByHand();
    }

    /** Returns whether there is a file that this Streams did not write; with {@code upgrade.from} it writes one. */
    boolean isByHand() {
        return !byStreams && exists();
    }

    private static boolean standsAlone(File file) {
        String[] names = file.getParentFile().list();
        return file.exists()
                && names != null
                && Arrays.stream(names).allMatch(name -> name.startsWith(NAME) || name.endsWith(".lock"));
    }

    /** A newer file may come from Streams itself, for stores whose folders have been deleted since. */
    private static boolean isOlderThanTheApplication(File file) {
        File first = new File(file.getParentFile().getParentFile(), FIRST_FILE_OF_AN_APPLICATION);
        return !first.exists() || file.lastModified() <= first.lastModified();
    }

    /** From now on no offset comes from the file: the store was asked for its offset, or used. */
    void handedOver() {
        if (!handedOver) {
            handedOver = true;
        }
    }

    /** Returns whether an offset that is committed now comes from the file. */
    boolean isBeingHandedOver() {
        return !handedOver && exists();
    }
}
