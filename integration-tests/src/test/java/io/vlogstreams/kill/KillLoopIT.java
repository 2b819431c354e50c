/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The kill loop in each variant. {@code -Dkill.rounds=100} for a long run. */
class KillLoopIT extends KillLoop {

    private static final int ROUNDS = Integer.getInteger("kill.rounds", 3);
    /** The rounds of variants that behave like Kafka's own store. */
    private static final int FEW_ROUNDS = (ROUNDS + 1) / 2;

    @Test
    void exactlyOnceWithTheClientSupplierIsNeverWiped() throws Exception {
        properties = childProperties(EXACTLY_ONCE_V2);
        useClientSupplier(properties);
        killAgainAndAgain(true, ROUNDS);

        assertThat(wipes).isZero();
        assertThat(restored).isLessThan(changelogs().records());
    }

    @Test
    void atLeastOnceIsNeverWiped() throws Exception {
        properties = childProperties(AT_LEAST_ONCE);
        killAgainAndAgain(false, ROUNDS);

        assertThat(wipes).isZero();
        assertThat(restored).isLessThan(changelogs().records());
    }

    @Test
    void exactlyOnceWithoutTheClientSupplierCountsOnce() throws Exception {
        properties = childProperties(EXACTLY_ONCE_V2);
        killAgainAndAgain(true, FEW_ROUNDS);
    }

    @Test
    void exactlyOnceWithMoreWritesThanMemoryCountsOnce() throws Exception {
        properties = childProperties(EXACTLY_ONCE_V2);
        useClientSupplier(properties);
        properties.put("vlog.staged.bytes.max", "0");
        killAgainAndAgain(true, FEW_ROUNDS);
    }
}
