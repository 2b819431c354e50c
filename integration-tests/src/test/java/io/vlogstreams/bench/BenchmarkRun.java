/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;

/**
 * A run of the benchmark: one store, values of one size, one repetition.
 *
 * @param values the sizes of the values, as in the options
 */
record BenchmarkRun(Part part, StoreKind store, String values, int repetition) {

    /** The part of the benchmark that is run. */
    enum Part {
        STORE,
        END_TO_END
    }

    private static final int LOG_LINES = 30;

    /** Runs in this JVM. */
    List<Measurement> here(Path folder, BenchmarkOptions options) throws Exception {
        return switch (part) {
            case STORE -> new StoreRun(store, values, repetition, folder, options).run();
            case END_TO_END -> new EndToEndRun(store, values, repetition, folder, options).run();
        };
    }

    /** Runs in a new JVM. */
    List<Measurement> inChild(Path folder, BenchmarkOptions options) throws IOException, InterruptedException {
        Utils.delete(folder.toFile());
        Files.createDirectories(folder);
        Path result = folder.resolve("result.json");
        Path log = folder.resolve("child.log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The whole heap is resident from the start, so the rest of the resident memory is native.
        command.addAll(List.of("-Xms" + options.heap(), "-Xmx" + options.heap(), "-XX:+AlwaysPreTouch"));
        command.addAll(options.asSystemProperties());
        command.addAll(List.of(ChildRun.class.getName(), part.name(), store.name(), values));
        command.addAll(
                List.of(Integer.toString(repetition), folder.resolve("work").toString(), result.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("CLASSPATH", absolute(System.getProperty("java.class.path")));
        Process process = builder.start();
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException("it ended with " + status + ":\n" + tail(log));
            }
            return new ObjectMapper().readValue(result.toFile(), new TypeReference<>() {});
        } finally {
            process.destroyForcibly().onExit().join();
            Utils.delete(folder.toFile());
        }
    }

    private static String absolute(String classPath) {
        String separator = System.getProperty("path.separator");
        return Stream.of(classPath.split(separator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(separator));
    }

    private static String tail(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }

    /** Returns the text for progress lines. */
    @Override
    public String toString() {
        return "repetition " + repetition + ", " + (part == Part.STORE ? "values of " : "end to end, values of ")
                + values + ", " + store.label();
    }
}
