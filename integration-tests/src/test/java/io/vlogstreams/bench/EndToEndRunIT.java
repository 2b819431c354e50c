/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs {@link EndToEndRun} with few events, and checks that it reports all figures. */
class EndToEndRunIT {

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = {"VLOG", "ROCKSDB"})
    void anAggregationReportsRateAndLatency(StoreKind kind) throws Exception {
        BenchmarkOptions options = BenchmarkOptions.of(
                Map.of("e2e.records", "200", "e2e.keys", "20", "e2e.rate", "100", "e2e.seconds", "1"));
        List<Measurement> measurements = new EndToEndRun(kind, "4k", 1, folder.resolve("run"), options).run();
        assertThat(measurements)
                .singleElement()
                .satisfies(measurement -> assertThat(measurement.figures())
                        .containsKeys(
                                Figure.OPS_PER_SECOND,
                                Figure.LATENCY_P50_MILLIS,
                                Figure.LATENCY_P99_MILLIS,
                                Figure.LATENCY_P999_MILLIS,
                                Figure.LATENCY_MAX_MILLIS));
    }
}
