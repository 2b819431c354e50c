/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.FakeStateStoreContext;
import io.vlogstreams.internal.cleanup.CleanupStatistics;
import io.vlogstreams.internal.cleanup.SpaceStatistics;
import io.vlogstreams.internal.engine.StoreStatistics;
import io.vlogstreams.internal.vlog.VLogStatistics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreMetricsTest {

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @AfterEach
    void close() {
        if (test != null) {
            test.close();
        }
    }

    private static Map<MetricName, Object> all(FakeStateStoreContext context) {
        Map<MetricName, Object> metrics = new HashMap<>();
        context.metrics().metrics().forEach((name, metric) -> {
            if (name.group().equals("stream-state-metrics")) {
                metrics.put(name, metric.metricValue());
            }
        });
        return metrics;
    }

    static Map<String, Object> byName(FakeStateStoreContext context) {
        return all(context).entrySet().stream()
                .collect(Collectors.toMap(metric -> metric.getKey().name(), Map.Entry::getValue));
    }

    private Object value(String metric) {
        return byName(test.context()).get(metric);
    }

    @Test
    void everyMetricSaysWhatItsNameSays() {
        FakeStateStoreContext context = new FakeStateStoreContext(temp, Map.of());
        StoreStatistics statistics = new StoreStatistics(
                new SpaceStatistics(3, 500, 200, 40, 9),
                new VLogStatistics(600, 70, 8, 1),
                new CleanupStatistics(11, 1200, 13, 1400, 4, 10_000_000, 5_000_000, 6, true),
                15,
                16,
                17,
                18_500_000);
        StoreMetrics metrics = StoreMetrics.register(context, "documents", () -> statistics);
        assertThat(byName(context))
                .containsOnly(
                        entry("vlog-files", 3.0),
                        entry("vlog-bytes", 500.0),
                        entry("vlog-live-bytes", 200.0),
                        entry("vlog-obsolete-bytes", 300.0),
                        entry("vlog-pinned-bytes", 40.0),
                        entry("space-amplification", 2.5),
                        entry("appended-bytes-total", 600.0),
                        entry("reads-total", 70.0),
                        entry("cache-hits-total", 8.0),
                        entry("checksum-failures-total", 1.0),
                        entry("relocated-records-total", 11.0),
                        entry("relocated-bytes-total", 1200.0),
                        entry("deleted-files-total", 13.0),
                        entry("deleted-bytes-total", 1400.0),
                        entry("cleanup-failing", 1.0),
                        entry("cleanup-failures-total", 6.0),
                        entry("cleanup-slices-total", 4.0),
                        entry("cleanup-time-ms-total", 10.0),
                        entry("cleanup-slice-time-ms-avg", 2.5),
                        entry("cleanup-slice-time-ms-max", 5.0),
                        entry("staged-bytes", 15.0),
                        entry("spills-total", 16.0),
                        entry("open-iterators", 17.0),
                        entry("oldest-iterator-age-ms", 18.5));
        metrics.close();
        assertThat(all(context)).isEmpty();
    }

    @Test
    void theTagsNameThreadTaskAndStore() {
        test = TestKeyValueStore.in(temp).open();
        assertThat(all(test.context()).keySet())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(name.tags())
                        .containsOnly(
                                entry("thread-id", Thread.currentThread().getName()),
                                entry("task-id", "0_0"),
                                entry("vlog-state-id", TestKeyValueStore.NAME)));
    }

    @Test
    void theMetricsFollowTheStore() {
        test = TestKeyValueStore.in(temp).open();
        assertThat(value("space-amplification")).isEqualTo(Double.NaN);
        test.put("a", large("1"));
        assertThat((Double) value("staged-bytes")).isPositive();
        test.commit(1);
        test.get("a");
        assertThat(value("vlog-files")).isEqualTo(1.0);
        assertThat(value("reads-total")).isEqualTo(1.0);
        assertThat(value("staged-bytes")).isEqualTo(0.0);
        assertThat((Double) value("space-amplification")).isGreaterThan(1);
        assertThat(value("appended-bytes-total")).isEqualTo(value("vlog-live-bytes"));
        try (KeyValueIterator<Bytes, byte[]> iterator = test.store().all()) {
            assertThat(iterator).hasNext();
            assertThat(value("open-iterators")).isEqualTo(1.0);
            assertThat((Double) value("oldest-iterator-age-ms")).isPositive();
        }
        assertThat(value("open-iterators")).isEqualTo(0.0);
        assertThat(value("oldest-iterator-age-ms")).isEqualTo(0.0);
    }

    @Test
    void theMetricsAreBackWhenTheStoreIsOpenedAgainOnAnotherThread() throws InterruptedException {
        test = TestKeyValueStore.in(temp).open();
        test.put("a", large("1"));
        test.commit(1);
        Set<String> names = byName(test.context()).keySet();
        Object liveBytes = value("vlog-live-bytes");
        test.close();
        assertThat(all(test.context())).isEmpty();
        Thread other = new Thread(() -> test.store().init(test.context(), test.store()), "another-thread");
        other.start();
        other.join();
        assertThat(byName(test.context())).containsOnlyKeys(names);
        assertThat(value("vlog-live-bytes")).isEqualTo(liveBytes);
        assertThat(value("reads-total")).isEqualTo(0.0);
        assertThat(all(test.context()).keySet())
                .allSatisfy(name -> assertThat(name.tags()).containsEntry("thread-id", "another-thread"));
    }
}
