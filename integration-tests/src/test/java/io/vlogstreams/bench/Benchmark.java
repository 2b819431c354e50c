/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.utils.Utils;

/**
 * Compares our store with its alternatives: Kafka's RocksDBStore, the same with RocksDB's BlobDB (with its defaults,
 * and forced to collect its garbage), the in-memory store, and a bare file as the limit of the machine. From the root
 * of the checkout:
 *
 * <pre>
 * mvn -q -Pbenchmark -pl integration-tests -am -DskipTests package
 * </pre>
 *
 * <p>Options are given as {@code -Dbenchmark.bytes=1g}; {@code docs/BENCHMARKS.md} lists them. Every store runs in a
 * separate JVM, with the same heap and the same input. It prints a table, and writes {@code results.json}, {@code
 * results.md} with every figure, and plots to the folder.
 */
public final class Benchmark {

    /** Runs one part somewhere. */
    @FunctionalInterface
    interface Place {
        List<Measurement> run(BenchmarkRun run, Path folder, BenchmarkOptions options) throws Exception;
    }

    private final BenchmarkOptions options;
    private final Place place;
    private final List<Measurement> measurements = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Benchmark(BenchmarkOptions options, Place place) {
        this.options = options;
        this.place = place;
    }

    public static void main(String[] args) throws Exception {
        // Plots are drawn without a screen.
        System.setProperty("java.awt.headless", "true");
        Results results = new Benchmark(BenchmarkOptions.ofSystemProperties(), BenchmarkRun::inChild).run();
        System.out.println("\n" + new ResultTable(results).brief());
        System.exit(results.failures().isEmpty() ? 0 : 1);
    }

    /** Runs everything and writes the results. A part that fails is reported, and the others continue. */
    Results run() throws IOException {
        Conditions conditions = Conditions.now();
        Path work = options.folder().resolve("work");
        Files.createDirectories(work);
        List<BenchmarkRun> runs = BenchmarkPlan.of(options);
        System.out.println(runs.size() + " parts; results go to " + options.folder());
        for (int i = 0; i < runs.size(); i++) {
            run(runs.get(i), work.resolve("run"), (i + 1) + "/" + runs.size());
        }
        Utils.delete(work.toFile());
        Results results = Results.of(conditions, options.given(), failures, measurements);
        write(results);
        return results;
    }

    private void run(BenchmarkRun run, Path folder, String progress) {
        long start = System.nanoTime();
        String outcome;
        try {
            List<Measurement> measured = place.run(run, folder, options);
            measurements.addAll(measured);
            outcome = brief(measured);
        } catch (Exception e) {
            failures.add(run + ": " + e.getMessage());
            outcome = "FAILED: " + e.getMessage();
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf(Locale.ROOT, "%s, %s (%d s): %s%n", progress, run, took.toSeconds(), outcome);
    }

    private static String brief(List<Measurement> measured) {
        List<String> figures = new ArrayList<>();
        for (Measurement measurement : measured) {
            Figure figure = measurement.workload().mainFigure();
            Double value = measurement.figures().get(figure);
            if (value != null) {
                figures.add(String.format(
                        Locale.ROOT, "%s %.0f %s", measurement.workload().option(), value, figure.label()));
            }
        }
        return String.join(", ", figures);
    }

    private void write(Results results) throws IOException {
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(options.folder().resolve("results.json").toFile(), results);
        Files.writeString(options.folder().resolve("results.md"), new ResultTable(results).complete());
        new Plots(results).write(options.folder());
    }
}
