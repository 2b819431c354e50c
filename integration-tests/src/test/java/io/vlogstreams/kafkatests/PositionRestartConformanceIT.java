/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kafkatests;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.integration.PositionRestartIntegrationTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kafka's test that a store knows its position after a restart, with and without a changelog, run on persistent
 * key-value stores, which are ours here.
 *
 * <p>Plain stores are left out of the DSL: for a range query Kafka's adapter from plain to timestamped stores casts the
 * iterator to a class that is private to its RocksDB store.
 */
final class PositionRestartConformanceIT extends PositionRestartIntegrationTest {
    static List<Arguments> ourStores() {
        List<Arguments> combinations = new ArrayList<>();
        for (StoresToTest store : StoresToTest.values()) {
            if (store.name().endsWith("ROCKS_KV")) {
                for (boolean cache : new boolean[] {true, false}) {
                    for (boolean log : new boolean[] {true, false}) {
                        if (store.timestamped()) {
                            combinations.add(Arguments.of(cache, log, store, "DSL"));
                        }
                        combinations.add(Arguments.of(cache, log, store, "PAPI"));
                    }
                }
            }
        }
        return combinations;
    }

    @Override
    @ParameterizedTest
    @MethodSource("ourStores")
    public void verifyStore(boolean cache, boolean log, StoresToTest store, String kind) {
        super.verifyStore(cache, log, store, kind);
    }
}
