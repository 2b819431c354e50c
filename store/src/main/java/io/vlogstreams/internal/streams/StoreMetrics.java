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
 * The metrics of an open store, in Kafka's group of store metrics: gauges that are read when somebody looks.
 *
 * <p>Made and closed by the store; read on any thread.
 */
final class StoreMetrics implements AutoCloseable {

    private static final String GROUP = "stream-state-metrics";

    /** `docs/OPERATIONS.md` says what to watch in each. */
    private static final List<Gauge> GAUGES = List.of(
            new Gauge("vlog-files", "The number of VLog files", StoreStatistics::files),
            new Gauge("vlog-bytes", "The size of the VLog files in bytes", StoreStatistics::totalBytes),
            new Gauge(
                    "vlog-live-bytes", "The bytes in VLog files that the index refers to", StoreStatistics::liveBytes),
            new Gauge(
                    "staged-bytes", "The memory that writes since the last commit take", StoreStatistics::stagedBytes),
            new Gauge("open-iterators", "The number of open iterators", StoreStatistics::openScans),
            new Gauge(
                    "spills-total", "How often staged writes went to the index unconfirmed", StoreStatistics::spills));

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

    /** What can be looked at. */
    private record Gauge(String name, String description, ToDoubleFunction<StoreStatistics> value) {}

    /** A statistic that nobody records: it is what it is when it is measured. The public API knows no other gauge. */
    private record GaugeStat(Gauge gauge, Supplier<StoreStatistics> statistics) implements MeasurableStat {

        @Override
        public void record(MetricConfig config, double recorded, long timeMs) {}

        @Override
        public double measure(MetricConfig config, long now) {
            return gauge.value().applyAsDouble(statistics.get());
        }
    }
}
