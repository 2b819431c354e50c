/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The effects of {@code vlog.compression.type} on an application: less disk, the same values, the same changelog. */
class CompressionTopologyTest {

    private static final String STORE = "documents";
    private static final int DOCUMENTS = 200;

    @TempDir
    Path stateFolder;

    private static Topology topology() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.table(
                "input",
                Consumed.with(Serdes.String(), Serdes.String()),
                Materialized.as(VLogStores.persistentTimestampedKeyValueStore(STORE)));
        return builder.build();
    }

    private static String document(int number) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            text.append("{\"customer\":").append(number * 7919 % 1000 + i).append(",\"state\":\"delivered\"},");
        }
        return text.toString();
    }

    /** Puts documents and checks that they are read back; returns the size of the VLog. */
    private double bytesOnDisk(Map<String, ?> properties) {
        try (TestTopology running = new TestTopology(stateFolder, topology(), properties)) {
            List<KeyValue<String, String>> documents = new ArrayList<>();
            for (int i = 0; i < DOCUMENTS; i++) {
                documents.add(KeyValue.pair(String.format("%03d", i), document(i)));
            }
            running.input("input").pipeKeyValueList(documents);
            KeyValueStore<String, ValueAndTimestamp<String>> store =
                    running.driver().getTimestampedKeyValueStore(STORE);
            for (KeyValue<String, String> document : documents) {
                assertThat(store.get(document.key).value()).isEqualTo(document.value);
            }
            List<KeyValue<String, String>> scanned = new ArrayList<>();
            try (KeyValueIterator<String, ValueAndTimestamp<String>> all = store.all()) {
                all.forEachRemaining(entry -> scanned.add(KeyValue.pair(entry.key, entry.value.value())));
            }
            assertThat(scanned).isEqualTo(documents);
            return running.driver().metrics().values().stream()
                    .filter(metric -> metric.metricName().name().equals("vlog-bytes"))
                    .mapToDouble(metric -> (double) metric.metricValue())
                    .sum();
        }
    }

    @Test
    void storedBytesShrinkAndValuesStayTheSame() {
        double plain = bytesOnDisk(Map.of());
        double lz4 = bytesOnDisk(Map.of("vlog.compression.type", "lz4"));
        double zstd = bytesOnDisk(Map.of("vlog.compression.type", "zstd"));
        assertThat(plain).isGreaterThan(DOCUMENTS * 3000.0);
        assertThat(lz4).isLessThan(plain / 3);
        assertThat(zstd).isLessThan(lz4);
    }

    @Test
    void oneStoreCanBeCompressedAndOthersNot() {
        double plain = bytesOnDisk(Map.of("vlog.other.compression.type", "zstd"));
        assertThat(bytesOnDisk(Map.of("vlog.documents.compression.type", "zstd")))
                .isLessThan(plain / 3);
    }

    @Test
    void aTypeOrLevelThatIsNoneIsRefusedWithKeyAndRange() {
        assertThatThrownBy(() -> VLogConfig.of(Map.of("vlog.compression.type", "snappy")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("vlog.compression.type")
                .hasMessageContaining("none, lz4, zstd");
        assertThatThrownBy(() -> VLogConfig.of(Map.of("vlog.compression.zstd.level", 23)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("vlog.compression.zstd.level")
                .hasMessageContaining("no more than 22");
        assertThatThrownBy(() -> VLogConfig.of(Map.of("vlog.compression.zstd.level", 0)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("at least 1");
    }

    @Test
    void theDefaultsAreNoCompressionAndKafkasLevel() {
        assertThat(VLogConfig.defaults().compressionType()).isEqualTo("none");
        assertThat(VLogConfig.defaults().zstdLevel()).isEqualTo(3);
    }
}
