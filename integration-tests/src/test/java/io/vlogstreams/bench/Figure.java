/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

/** A figure of a workload. Not every workload has every figure, nor does every operating system. */
enum Figure {
    MB_PER_SECOND("MB/s"),
    OPS_PER_SECOND("ops/s"),
    QUERIES_PER_SECOND("queries/s"),
    CPU_SECONDS_PER_GB("CPU s/GB"),
    PUT_P50_MICROS("put p50 µs"),
    PUT_P99_MICROS("put p99 µs"),
    PUT_P999_MICROS("put p99.9 µs"),
    PUT_MAX_MICROS("put max µs"),
    GET_P50_MICROS("get p50 µs"),
    GET_P99_MICROS("get p99 µs"),
    GET_P999_MICROS("get p99.9 µs"),
    GET_MAX_MICROS("get max µs"),
    LATENCY_P50_MILLIS("latency p50 ms"),
    LATENCY_P99_MILLIS("latency p99 ms"),
    LATENCY_P999_MILLIS("latency p99.9 ms"),
    LATENCY_MAX_MILLIS("latency max ms"),
    COMMIT_MAX_MILLIS("commit max ms"),
    CLEANUP_MAX_MILLIS("cleanup max ms"),
    OPEN_MILLIS("open ms"),
    PROCESS_WRITES_PER_BYTE("process writes/byte"),
    DISK_WRITES_PER_BYTE("disk writes/byte"),
    SPACE_END("space at end"),
    SPACE_PEAK("space peak"),
    HEAP_PEAK_MIB("heap peak MiB"),
    HEAP_HELD_MIB("heap held MiB"),
    NATIVE_PEAK_MIB("native peak MiB"),
    OPEN_FILES_PEAK("open files");

    private final String label;

    Figure(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}
