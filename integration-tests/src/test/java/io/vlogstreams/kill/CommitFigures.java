/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

/** The measurements of a {@link CommitWatch}, from its line {@code watched}. */
record CommitFigures(
        double seconds, long commits, double medianCommitMillis, double p99CommitMillis, long uncommitted) {

    static CommitFigures parse(String line) {
        String[] words = line.split(" ", -1);
        return new CommitFigures(
                Long.parseLong(words[1]) / 1e9,
                Long.parseLong(words[2]),
                Long.parseLong(words[3]) / 1e6,
                Long.parseLong(words[4]) / 1e6,
                Long.parseLong(words[5]));
    }
}
