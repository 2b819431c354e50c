/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The configured fetch wait of a restore consumer. */
class VLogKafkaClientSupplierTest {

    private static final String FETCH_WAIT = "fetch.max.wait.ms";

    /** Created by the consumer, which passes its configuration. */
    public static final class Listening implements ConsumerInterceptor<byte[], byte[]> {

        private static @Nullable Object fetchWait;

        @Override
        public void configure(Map<String, ?> config) {
            fetchWait = config.get(FETCH_WAIT);
        }

        @Override
        public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
            return records;
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
            // It commits nothing.
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }

    private static @Nullable Object fetchWaitOfRestoring(Map<String, String> settings) {
        Properties properties = new Properties();
        properties.putAll(Map.of("application.id", "a", "bootstrap.servers", "localhost:1"));
        properties.put("default.client.supplier", VLogKafkaClientSupplier.class.getName());
        properties.putAll(settings);
        StreamsConfig config = new StreamsConfig(properties);
        Map<String, Object> restoring = new HashMap<>(config.getRestoreConsumerConfigs("id"));
        return fetchWait(config.getKafkaClientSupplier(), restoring);
    }

    private static @Nullable Object fetchWait(KafkaClientSupplier clients, Map<String, Object> config) {
        config.put("interceptor.classes", List.of(Listening.class.getName()));
        Listening.fetchWait = null;
        try (Consumer<byte[], byte[]> consumer = clients.getRestoreConsumer(config)) {
            assertThat(consumer.assignment()).isEmpty();
        }
        return Listening.fetchWait;
    }

    @Test
    void fetchesOfAnApplicationWithoutStandbysWaitShortly() {
        assertThat(fetchWaitOfRestoring(Map.of())).isEqualTo(20);
        assertThat(fetchWaitOfRestoring(Map.of("num.standby.replicas", "0"))).isEqualTo(20);
    }

    @Test
    void thoseOfStandbysWaitAsTheyAlwaysDo() {
        assertThat(fetchWaitOfRestoring(Map.of("num.standby.replicas", "1"))).isNull();
    }

    @Test
    void whatTheUserSaysCounts() {
        assertThat(fetchWaitOfRestoring(Map.of("restore.consumer.fetch.max.wait.ms", "300")))
                .hasToString("300");
    }

    @Test
    void withoutPropertiesNothingIsChanged() {
        assertThat(fetchWait(new VLogKafkaClientSupplier(), new HashMap<>(Map.of("bootstrap.servers", "localhost:1"))))
                .isNull();
    }
}
