/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

/** The measurements of the start of a child, from its line {@code running}. */
record ChildStart(double startMillis, double restoreMillis, long records, long bytes) {

    static ChildStart parse(String line) {
        String[] words = line.split(" ", -1);
        return new ChildStart(
                Double.parseDouble(words[1]),
                Double.parseDouble(words[2]),
                Long.parseLong(words[3]),
                Long.parseLong(words[4]));
    }
}
