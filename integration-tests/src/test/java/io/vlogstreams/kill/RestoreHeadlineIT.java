/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static io.vlogstreams.kill.HeadlineStore.ROCKSDB_TRANSACTIONAL;
import static io.vlogstreams.kill.HeadlineStore.VLOG_TRANSACTIONAL;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link RestoreHeadline} on little data, and checks the tendency. */
class RestoreHeadlineIT {

    @TempDir
    Path folder;

    @Test
    void ourStoreReadsBackLittleAfterAKill(TestReporter reporter) throws Exception {
        HeadlineTable table = new RestoreHeadline(
                        folder, 16 << 20, 1 << 16, 1, 1, List.of(VLOG_TRANSACTIONAL, ROCKSDB_TRANSACTIONAL))
                .run();
        reporter.publishEntry("headline", table.markdown());
        // Kafka's store restores 32 MiB; ours restores the last transactions, a few records of 64 KiB.
        assertThat(table.bytesShare(VLOG_TRANSACTIONAL, ROCKSDB_TRANSACTIONAL)).isLessThan(0.5);
    }
}
