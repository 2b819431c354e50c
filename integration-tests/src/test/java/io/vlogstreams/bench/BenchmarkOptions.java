/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The options of a benchmark; {@code docs/BENCHMARKS.md} describes them. Immutable.
 *
 * @param given all options as text, for the result file and the child processes
 */
record BenchmarkOptions(Map<String, String> given) {

    static final String PREFIX = "benchmark.";

    private static final String ALL = "all";

    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("bytes", "256m"),
            Map.entry("keys.max", "500000"),
            Map.entry("values", "512,4k,16k"),
            Map.entry("stores", ALL),
            Map.entry("workloads", ALL),
            Map.entry("repetitions", "2"),
            Map.entry("overwrites", "2"),
            Map.entry("reads.max", "50000"),
            Map.entry("commit.puts", "20000"),
            Map.entry("commit.bytes", "64m"),
            Map.entry("content", "random"),
            Map.entry("heap", "1g"),
            Map.entry("warmup.keys", "100000"),
            Map.entry("seed", "1"),
            Map.entry("e2e.records", "16000"),
            Map.entry("e2e.keys", "2000"),
            Map.entry("e2e.values", "16k"),
            Map.entry("e2e.rate", "500"),
            Map.entry("e2e.seconds", "5"),
            Map.entry("folder", "benchmark"));

    /** Reads the system properties that start with {@value #PREFIX}; missing or empty ones have their default. */
    static BenchmarkOptions ofSystemProperties() {
        return of(System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith(PREFIX))
                .collect(Collectors.toMap(name -> name.substring(PREFIX.length()), System::getProperty)));
    }

    static BenchmarkOptions of(Map<String, String> given) {
        Map<String, String> all = new TreeMap<>(DEFAULTS);
        given.forEach((name, value) -> {
            if (!DEFAULTS.containsKey(name)) {
                throw new IllegalArgumentException(
                        "there is no option " + PREFIX + name + ", but " + new TreeMap<>(DEFAULTS).keySet());
            }
            if (!value.isEmpty()) {
                all.put(name, value);
            }
        });
        return new BenchmarkOptions(Map.copyOf(all));
    }

    /** Returns the options as arguments for another JVM. */
    List<String> asSystemProperties() {
        return new TreeMap<>(given)
                .entrySet().stream()
                        .map(option -> "-D" + PREFIX + option.getKey() + "=" + option.getValue())
                        .toList();
    }

    /** Returns the total size of the values. */
    long bytes() {
        return ByteCount.parse(given.get("bytes"));
    }

    /** Returns the number of keys of a store of such values. */
    int keys(ValueSizes sizes) {
        long keys = (long) (bytes() / sizes.meanBytes());
        return (int) Math.max(Input.KEYS_PER_PREFIX, Math.min(keys, number("keys.max")));
    }

    /** Returns the number of gets of such values: eight times the data, within limits. */
    int reads(ValueSizes sizes) {
        long max = number("reads.max");
        return (int) Math.max(Math.min(1000, max), Math.min((long) (8 * bytes() / sizes.meanBytes()), max));
    }

    List<String> values() {
        return list("values").toList();
    }

    /** Returns how often each key is overwritten, on average. */
    int overwrites() {
        return (int) number("overwrites");
    }

    Set<StoreKind> stores() {
        return isAll("stores") ? EnumSet.allOf(StoreKind.class) : set("stores", StoreKind::ofOption);
    }

    Set<Workload> workloads() {
        return isAll("workloads") ? EnumSet.allOf(Workload.class) : set("workloads", Workload::ofOption);
    }

    int repetitions() {
        return (int) number("repetitions");
    }

    int putsPerCommit() {
        return (int) number("commit.puts");
    }

    long bytesPerCommit() {
        return ByteCount.parse(given.get("commit.bytes"));
    }

    boolean isHalfCompressible() {
        return switch (given.get("content")) {
            case "random" -> false;
            case "half" -> true;
            default -> throw new IllegalArgumentException(PREFIX + "content is random or half");
        };
    }

    /** Returns the heap size in the format of {@code -Xmx}. */
    String heap() {
        return given.get("heap");
    }

    /** Returns the number of keys of the store on which a run warms up; 0 means no warm-up. */
    int warmUpKeys() {
        return (int) number("warmup.keys");
    }

    long seed() {
        return number("seed");
    }

    int endToEndRecords() {
        return (int) number("e2e.records");
    }

    int endToEndKeys() {
        return (int) number("e2e.keys");
    }

    String endToEndValues() {
        return given.get("e2e.values");
    }

    int endToEndRate() {
        return (int) number("e2e.rate");
    }

    int endToEndSeconds() {
        return (int) number("e2e.seconds");
    }

    /** Returns the folder of the results and, during the run, of the stores. */
    Path folder() {
        return Path.of(given.get("folder")).toAbsolutePath();
    }

    private boolean isAll(String name) {
        return given.get(name).equals(ALL);
    }

    private <T> Set<T> set(String name, Function<String, T> parse) {
        return list(name).map(parse).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private Stream<String> list(String name) {
        return Stream.of(given.get(name).split(",", -1)).map(String::strip);
    }

    private long number(String name) {
        return Long.parseLong(given.get(name));
    }
}
