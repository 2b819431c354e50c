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
 * The file {@code .checkpoint} in which Kafka Streams before 4.3 kept the offsets of a task's stores. Streams 4.3 hands
 * its offsets to the stores it finds under the same names, before it asks them for theirs, and deletes it. When a task
 * is closed it writes one if {@code upgrade.from} is set.
 *
 * <p>One object for each life of a store. Any thread.
 */
final class LegacyCheckpoint {

    private static final String NAME = ".checkpoint";

    /** Written by Streams when an application first has a folder. */
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

    /** The file as it is before the store makes its folder. */
    static LegacyCheckpoint before(StateStoreContext context) {
        File file = new File(context.stateDir(), NAME);
        return new LegacyCheckpoint(
                file,
                context.appConfigs().get(StreamsConfig.UPGRADE_FROM_CONFIG) != null,
                standsAlone(file) && isOlderThanTheApplication(file));
    }

    /** Streams deletes the file only after it has handed over what is in it. */
    boolean exists() {
        return file.exists();
    }

    /**
     * Whether the file is about stores that are still to come: somebody put it there to say from where they are to be
     * restored. That can only be if there was never a store in the folder, of ours or another kind.
     */
    boolean isAboutNewStores() {
        return aboutNewStores && isByHand();
    }

    /** Whether there is a file that this Streams did not write, as it does if {@code upgrade.from} is set. */
    boolean isByHand() {
        return !byStreams && exists();
    }

    private static boolean standsAlone(File file) {
        String[] names = file.getParentFile().list();
        return file.exists()
                && names != null
                && Arrays.stream(names).allMatch(name -> name.startsWith(NAME) || name.endsWith(".lock"));
    }

    /** Otherwise Streams may have written it here for stores whose folders have been deleted since. */
    private static boolean isOlderThanTheApplication(File file) {
        File first = new File(file.getParentFile().getParentFile(), FIRST_FILE_OF_AN_APPLICATION);
        return !first.exists() || file.lastModified() <= first.lastModified();
    }

    /** From now on Streams hands over nothing of it: the store was asked for its offset, or used. */
    void handedOver() {
        if (!handedOver) {
            handedOver = true;
        }
    }

    /** Whether an offset that comes now comes from the file. */
    boolean isBeingHandedOver() {
        return !handedOver && exists();
    }
}
