/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs a {@link StoreRun} or an {@link EndToEndRun} in a separate JVM, so that memory, files and writes are those of
 * one store. Arguments: part, store, value sizes, repetition, folder, result file.
 */
public final class ChildRun {

    private ChildRun() {}

    public static void main(String[] args) throws Exception {
        BenchmarkOptions options = BenchmarkOptions.ofSystemProperties();
        BenchmarkRun run = new BenchmarkRun(
                BenchmarkRun.Part.valueOf(args[0]), StoreKind.valueOf(args[1]), args[2], Integer.parseInt(args[3]));
        List<Measurement> measurements = run.here(Path.of(args[4]), options);
        new ObjectMapper().writeValue(Path.of(args[5]).toFile(), measurements);
        // The broker may have left threads.
        System.exit(0);
    }
}
