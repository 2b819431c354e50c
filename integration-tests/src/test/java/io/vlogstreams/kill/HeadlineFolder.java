/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.utils.Utils;

/** The working folder of a headline program: {@code -Dheadline.folder}, or a temporary folder that is deleted. */
final class HeadlineFolder {

    /** A program, which returns its output. */
    @FunctionalInterface
    interface Program {
        String run(Path folder) throws Exception;
    }

    private HeadlineFolder() {}

    /** Runs the program, prints its output and ends the JVM. */
    static void run(Program program) throws Exception {
        String given = System.getProperty("headline.folder", "");
        Path folder = given.isEmpty() ? Files.createTempDirectory("headline") : Path.of(given);
        try {
            System.out.println(program.run(folder.toAbsolutePath()));
        } finally {
            if (given.isEmpty()) {
                Utils.delete(folder.toFile());
            }
        }
        // Clients of the broker may have left threads.
        System.exit(0);
    }
}
