/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.VLogKafkaClientSupplier;
import io.vlogstreams.VLogStores;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * When a warning says that the client supplier has no effect. Each test has its own application, because they are kept.
 */
class SupplierNamedInVainTest {

    private final String application = UUID.randomUUID().toString();

    private Map<String, ?> properties(Object supplier) {
        return Map.of("application.id", application, "default.client.supplier", supplier);
    }

    /** Creates a consumer, like Kafka Streams with the supplier that it uses. */
    private void makeConsumer(KafkaClientSupplier supplier) {
        Properties properties = new Properties();
        properties.putAll(Map.of("application.id", application, "bootstrap.servers", "localhost:1"));
        Map<String, Object> config = new StreamsConfig(properties).getMainConsumerConfigs(application, "client", 0);
        config.remove("partition.assignment.strategy"); // it needs configs that a StreamThread adds
        try (Consumer<byte[], byte[]> consumer = supplier.getConsumer(config)) {
            assertThat(consumer.assignment()).isEmpty();
        }
    }

    @Test
    void anApplicationWithClientsOfAnotherSupplierIsWarnedOnce() {
        makeConsumer(new DefaultKafkaClientSupplier());
        Map<String, ?> properties = properties(VLogKafkaClientSupplier.class);
        assertThat(NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(properties)).isTrue();
        assertThat(NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(properties)).isFalse();
    }

    /** Like in a properties file. */
    @Test
    void aSupplierThatIsNamedByItsNameIsTheSame() {
        assertThat(NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(properties(VLogKafkaClientSupplier.class.getName())))
                .isTrue();
    }

    @Test
    void anApplicationWithClientsOfOursIsNot() {
        makeConsumer(new VLogKafkaClientSupplier());
        assertThat(NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(properties(VLogKafkaClientSupplier.class)))
                .isFalse();
    }

    @Test
    void anApplicationWithClientsThatOursHasWrappedIsNot() {
        makeConsumer(new VLogKafkaClientSupplier(new DefaultKafkaClientSupplier() {
            @Override
            public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
                return new MockConsumer<>("earliest");
            }
        }));
        assertThat(NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(properties(VLogKafkaClientSupplier.class)))
                .isFalse();
    }

    @Test
    void anApplicationThatNamesAnotherSupplierOrNoneIsNot() {
        assertThat(NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(properties(DefaultKafkaClientSupplier.class)))
                .isFalse();
        assertThat(NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(Map.of("application.id", application)))
                .isFalse();
        assertThat(NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(Map.of())).isFalse();
    }

    /** The store logs the warning when it is opened, so afterwards none is due. */
    @Test
    void aStoreWarns(@TempDir Path folder) {
        open(folder, false);
        assertThat(NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(properties(VLogKafkaClientSupplier.class)))
                .isFalse();
    }

    /** An application with global stores only has no consumer with a group, whoever creates its clients. */
    @Test
    void aGlobalStoreDoesNot(@TempDir Path folder) {
        open(folder, true);
        assertThat(NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(properties(VLogKafkaClientSupplier.class)))
                .isTrue();
    }

    private void open(Path folder, boolean global) {
        Properties properties = new Properties();
        properties.putAll(properties(VLogKafkaClientSupplier.class.getName()));
        properties.put("state.dir", folder.toString());
        StreamsBuilder builder = new StreamsBuilder();
        var consumed = Consumed.with(Serdes.String(), Serdes.String());
        var stored = Materialized.<String, String>as(VLogStores.persistentTimestampedKeyValueStore("store"));
        if (global) {
            builder.globalTable("topic", consumed, stored);
        } else {
            builder.table("topic", consumed, stored);
        }
        try (var driver = new TopologyTestDriver(builder.build(), properties)) {
            assertThat(driver.getAllStateStores()).containsKey("store");
        }
    }
}
