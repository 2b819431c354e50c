/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs {@link Benchmark} on little data in this JVM, and checks that it reports all figures, but not their values. */
class BenchmarkTest {

    private static final Set<Figure> OF_WRITES = EnumSet.of(
            Figure.MB_PER_SECOND,
            Figure.OPS_PER_SECOND,
            Figure.CPU_SECONDS_PER_GB,
            Figure.PUT_P50_MICROS,
            Figure.PUT_P99_MICROS,
            Figure.PUT_P999_MICROS,
            Figure.PUT_MAX_MICROS,
            Figure.COMMIT_MAX_MILLIS,
            Figure.SPACE_END,
            Figure.SPACE_PEAK,
            Figure.HEAP_PEAK_MIB);

    private static final Set<Figure> OF_LINUX = EnumSet.of(
            Figure.PROCESS_WRITES_PER_BYTE,
            Figure.DISK_WRITES_PER_BYTE,
            Figure.NATIVE_PEAK_MIB,
            Figure.OPEN_FILES_PEAK);

    private static final Set<Figure> OF_GETS =
            EnumSet.of(Figure.GET_P50_MICROS, Figure.GET_P99_MICROS, Figure.GET_P999_MICROS, Figure.GET_MAX_MICROS);

    @TempDir
    Path folder;

    @Test
    void everyStoreReportsEveryFigureOfEveryWorkload() throws IOException {
        Results results = new Benchmark(options("mix", "random"), BenchmarkRun::here).run();

        assertThat(results.failures()).isEmpty();
        for (StoreKind store : StoreKind.values()) {
            for (Workload workload : Workload.values()) {
                assertThat(figures(results, store, workload))
                        .as(store + " " + workload)
                        .containsAll(store.can(workload) ? expected(store, workload) : Set.of());
            }
        }
        JsonNode json =
                new ObjectMapper().readTree(folder.resolve("results.json").toFile());
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("conditions", "options", "failures", "summaries", "measurements");
        assertThat(Files.readString(folder.resolve("results.md")))
                .contains("overwrite-uniform MB/s", "Values: mix", "scan-keys: VLog store through VLogKeysQuery");
        assertThat(Files.readString(folder.resolve("throughput.svg")))
                .startsWith("<?xml")
                .contains("</svg>");
        assertThat(new ResultTable(results).brief()).contains("load MB/s");
    }

    @Test
    void aRunLeavesNothingBehind() throws Exception {
        BenchmarkOptions options = options("100", "half");
        assertThat(new StoreRun(StoreKind.VLOG, "100", 1, folder.resolve("run"), options).run())
                .hasSize(Workload.values().length - 1);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    /**
     * In this module {@code Stores.persistentKeyValueStore} creates our store, which must not be compared with itself.
     */
    @ParameterizedTest
    @EnumSource
    void everyStoreIsWhatItsNameSays(StoreKind kind) {
        String expected = switch (kind) {
            case VLOG -> "VLogKeyValueStore";
            case ROCKSDB, BLOBDB, BLOBDB_FORCED -> "RocksDBStore";
            case MEMORY -> "InMemoryKeyValueStore";
            case RAW -> "RawFileStore";
        };
        assertThat(kind.newStore("store").getClass().getSimpleName()).isEqualTo(expected);
    }

    @Test
    void aWrongValueIsNoticed() {
        Input input = Input.of(ValueSizes.ofOption("1k"), 10, false, 1);
        byte[] value = input.value(3, 0);
        input.checkBytes(3, 0, value);
        assertThatThrownBy(() -> input.checkTag(3, 1, value)).isInstanceOf(WrongValueException.class);
        assertThatThrownBy(() -> input.checkTag(4, 0, value)).isInstanceOf(WrongValueException.class);
        assertThatThrownBy(() -> input.checkTag(3, 0, null)).isInstanceOf(WrongValueException.class);
        value[100]++;
        assertThatThrownBy(() -> input.checkBytes(3, 0, value)).isInstanceOf(WrongValueException.class);
    }

    @Test
    void anOptionThatDoesNotExistIsRefused() {
        assertThatThrownBy(() -> BenchmarkOptions.of(Map.of("byte", "1g"))).hasMessageContaining("benchmark.byte");
    }

    private BenchmarkOptions options(String values, String content) {
        return BenchmarkOptions.of(Map.of(
                "keys.max", "200",
                "reads.max", "200",
                "warmup.keys", "0",
                "repetitions", "1",
                "commit.puts", "50",
                "workloads", storeWorkloads(),
                "values", values,
                "content", content,
                "folder", folder.toString()));
    }

    /** A broker would be too slow here; {@code EndToEndRunIT} has one. */
    private static String storeWorkloads() {
        List<String> names = EnumSet.complementOf(EnumSet.of(Workload.END_TO_END)).stream()
                .map(Workload::option)
                .toList();
        return String.join(",", names);
    }

    private static Set<Figure> figures(Results results, StoreKind store, Workload workload) {
        return results.measurements().stream()
                .filter(measurement -> measurement.store() == store && measurement.workload() == workload)
                .findFirst()
                .map(measurement -> measurement.figures().keySet())
                .orElse(Set.of());
    }

    private static Set<Figure> expected(StoreKind store, Workload workload) {
        Set<Figure> figures = EnumSet.of(workload.mainFigure());
        switch (workload) {
            case LOAD, OVERWRITE_UNIFORM, OVERWRITE_ZIPF -> {
                figures.addAll(OF_WRITES);
                if (OS.LINUX.isCurrentOs()) {
                    figures.addAll(OF_LINUX);
                }
            }
            case READ_MODIFY_WRITE, QUERIES_DURING_WRITES -> {
                figures.addAll(OF_WRITES);
                figures.addAll(OF_GETS);
            }
            case READ_UNIFORM, READ_ZIPF -> figures.addAll(OF_GETS);
            default -> figures.add(Figure.HEAP_PEAK_MIB);
        }
        if (store == StoreKind.MEMORY) {
            figures.removeAll(EnumSet.of(Figure.SPACE_END, Figure.SPACE_PEAK));
        }
        return figures;
    }
}
