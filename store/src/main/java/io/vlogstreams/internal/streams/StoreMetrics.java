/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.engine.StoreStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.MeasurableStat;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.metrics.Sensor.RecordingLevel;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.StateStoreContext;

/**
 * The metrics of an open store, in Kafka's group of store metrics. They are gauges, evaluated when they are read.
 *
 * <p>The store creates and closes them; any thread may read them.
 */
final class StoreMetrics implements AutoCloseable {

    private static final String GROUP = "stream-state-metrics";

    private static final double NANOS_PER_MS = 1e6;

    /** `docs/OPERATIONS.md` describes what each of them means. */
    private static final List<Gauge> GAUGES = List.of(
            new Gauge("vlog-files", "The number of VLog files", s -> s.space().files()),
            new Gauge(
                    "vlog-bytes",
                    "The size of the VLog files in bytes",
                    s -> s.space().totalBytes()),
            new Gauge(
                    "vlog-live-bytes",
                    "The bytes in VLog files that the index refers to",
                    s -> s.space().liveBytes()),
            new Gauge(
                    "vlog-obsolete-bytes",
                    "The bytes in VLog files that the index does not refer to",
                    s -> s.space().obsoleteBytes()),
            new Gauge(
                    "vlog-pinned-bytes",
                    "The size of the obsolete VLog files that readers hold, in bytes",
                    s -> s.space().pinnedBytes()),
            new Gauge(
                    "space-amplification",
                    "The size of the VLog files divided by the live bytes",
                    s -> s.space().amplification()),
            new Gauge(
                    "appended-bytes-total",
                    "The bytes of the records appended to the VLog",
                    s -> s.vlog().appendedBytes()),
            new Gauge(
                    "reads-total",
                    "The number of values read from the VLog or its cache",
                    s -> s.vlog().reads()),
            new Gauge(
                    "cache-hits-total",
                    "The number of values that the VLog's cache had",
                    s -> s.vlog().cacheHits()),
            new Gauge(
                    "checksum-failures-total",
                    "How often a record in the VLog was found damaged",
                    s -> s.vlog().checksumFailures()),
            new Gauge(
                    "relocated-records-total",
                    "The number of live records that cleanup copied",
                    s -> s.cleanup().relocatedRecords()),
            new Gauge(
                    "relocated-bytes-total",
                    "The bytes of the live records that cleanup copied",
                    s -> s.cleanup().relocatedBytes()),
            new Gauge(
                    "deleted-files-total",
                    "The number of VLog files deleted",
                    s -> s.cleanup().deletedFiles()),
            new Gauge(
                    "deleted-bytes-total",
                    "The size of the VLog files deleted, in bytes",
                    s -> s.cleanup().deletedBytes()),
            new Gauge(
                    "cleanup-slices-total",
                    "The number of slices that cleanup worked",
                    s -> s.cleanup().slices()),
            new Gauge(
                    "cleanup-time-ms-total",
                    "The time that cleanup worked in milliseconds",
                    s -> s.cleanup().sliceNanos() / NANOS_PER_MS),
            new Gauge(
                    "cleanup-slice-time-ms-avg",
                    "The average time of a slice of cleanup in milliseconds",
                    s -> s.cleanup().averageSliceNanos() / NANOS_PER_MS),
            new Gauge(
                    "cleanup-slice-time-ms-max",
                    "The longest time of a slice of cleanup in milliseconds",
                    s -> s.cleanup().longestSliceNanos() / NANOS_PER_MS),
            new Gauge(
                    "cleanup-failing",
                    "1 while cleanup fails and is tried again, else 0",
                    s -> s.cleanup().failing() ? 1 : 0),
            new Gauge(
                    "cleanup-failures-total",
                    "How often something of the cleanup failed",
                    s -> s.cleanup().failures()),
            new Gauge(
                    "staged-bytes", "The memory that writes since the last commit take", StoreStatistics::stagedBytes),
            new Gauge("spills-total", "How often staged writes went to the index unconfirmed", StoreStatistics::spills),
            new Gauge("open-iterators", "The number of open iterators", StoreStatistics::openScans),
            new Gauge(
                    "oldest-iterator-age-ms",
                    "How long the oldest open iterator has been open, in milliseconds",
                    s -> s.oldestScanNanos() / NANOS_PER_MS));

    private final StreamsMetrics metrics;
    private final Sensor sensor;

    private StoreMetrics(StreamsMetrics metrics, Sensor sensor) {
        this.metrics = metrics;
        this.sensor = sensor;
    }

    static StoreMetrics register(StateStoreContext context, String storeName, Supplier<StoreStatistics> statistics) {
        StreamsMetrics metrics = context.metrics();
        Sensor sensor = metrics.addSensor(
                String.join(".", VLogStoreSupplier.SCOPE, context.taskId().toString(), storeName), RecordingLevel.INFO);
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("thread-id", Thread.currentThread().getName());
        tags.put("task-id", context.taskId().toString());
        tags.put(VLogStoreSupplier.SCOPE + "-state-id", storeName);
        for (Gauge gauge : GAUGES) {
            sensor.add(
                    new MetricName(gauge.name(), GROUP, gauge.description(), tags), new GaugeStat(gauge, statistics));
        }
        return new StoreMetrics(metrics, sensor);
    }

    @Override
    public void close() {
        metrics.removeSensor(sensor);
    }

    /** A metric that is computed from the statistics of the store. */
    private record Gauge(String name, String description, ToDoubleFunction<StoreStatistics> value) {}

    /** A statistic without recorded values, computed when it is measured. The public API has no other gauge. */
    private record GaugeStat(Gauge gauge, Supplier<StoreStatistics> statistics) implements MeasurableStat {

        @Override
        public void record(MetricConfig config, double recorded, long timeMs) {}

        @Override
        public double measure(MetricConfig config, long now) {
            return gauge.value().applyAsDouble(statistics.get());
        }
    }
}
