/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link TransactionsHeadline} on little data, and checks the tendency. */
class TransactionsHeadlineIT {

    @TempDir
    Path folder;

    @Test
    void uncommittedWritesOfOurStoreTakeLittleMemory(TestReporter reporter) throws Exception {
        TransactionsHeadline headline =
                new TransactionsHeadline(folder, 16 << 20, 1, List.of(1 << 16), List.of(30_000));
        List<CommitComparison> comparisons = headline.run();
        reporter.publishEntry("headline", CommitComparison.markdown(comparisons));
        // Kafka's store keeps uncommitted values in memory; ours keeps pointers only.
        assertThat(comparisons.get(0).share(CommitFigures::uncommitted)).isLessThan(0.1);
    }
}
