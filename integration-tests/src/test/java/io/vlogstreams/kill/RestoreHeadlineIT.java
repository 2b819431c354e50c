/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** {@link RestoreHeadline} on little data: that it runs, and that the tendency is there. */
class RestoreHeadlineIT {

    @TempDir
    Path folder;

    @Test
    void ourStoreReadsBackLittleAfterAKill(TestReporter reporter) throws Exception {
        HeadlineTable table = new RestoreHeadline(folder, 16 << 20, 1 << 16, 1, 1).run();
        reporter.publishEntry("headline", table.markdown());
        // Kafka's store reads back 32 MiB; ours what the last transactions wrote, a few records of 64 KiB.
        assertThat(table.medianBytesShare()).isLessThan(0.5);
    }
}
