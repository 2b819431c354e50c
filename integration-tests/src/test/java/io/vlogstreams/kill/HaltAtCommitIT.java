/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.kill.HaltingClients.Moment;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * The process ends at moments that {@link KillLoopIT} rarely meets: just before a transaction is committed, and when it
 * is committed but the stores have not been told yet.
 */
class HaltAtCommitIT extends KillTest {

    private static final int ROUNDS = 3;

    @Test
    void ofATransactionThatIsNotCommittedNothingStays(TestReporter reporter) throws Exception {
        List<Long> restored = haltAgainAndAgain(Moment.BEFORE_COMMIT, reporter);
        // In some rounds the commit of the other thread may have reached the changelog.
        assertThat(restored).contains(0L);
    }

    @Test
    void ofATransactionThatOnlyTheBrokerCommittedAllIsRestored(TestReporter reporter) throws Exception {
        List<Long> restored = haltAgainAndAgain(Moment.AFTER_COMMIT, reporter);
        assertThat(restored)
                .allMatch(records -> records > 0)
                .allMatch(records -> records < changelogs().records());
    }

    /** Returns how many records each start after a halt restored. */
    private List<Long> haltAgainAndAgain(Moment moment, TestReporter reporter) throws Exception {
        Properties properties = childProperties(EXACTLY_ONCE_V2);
        useClientSupplier(properties);
        List<Long> restored = new ArrayList<>();
        input.flow();
        try (ChildJvm child = startChild(properties)) {
            child.awaitRunning(PATIENCE);
            folders().mark();
            child.kill();
        }
        for (int round = 1; round <= ROUNDS; round++) {
            Properties halting = new Properties();
            halting.putAll(properties);
            halting.put(KillChild.HALT_MOMENT, moment.name());
            halting.put(KillChild.HALT_COMMITS, "" + 10 * round);
            try (ChildJvm child = startChild(halting)) {
                child.awaitEnd(PATIENCE);
            }
            try (ChildJvm child = startChild(properties)) {
                ChildStart back = child.awaitRunning(PATIENCE);
                reporter.publishEntry("round " + round, back.toString());
                restored.add(back.records());
                assertThat(folders().countWiped()).isZero();
                drain();
                StoreContents contents = child.dump(folder.resolve("dump"), PATIENCE);
                assertSame("changelog", contents, committed());
                assertSame("input", contents, input.expected());
                child.kill();
            }
            input.flow();
        }
        return restored;
    }
}
