/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.apache.kafka.streams.StreamsConfig.consumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.producerPrefix;

import io.vlogstreams.VLogKafkaClientSupplier;
import io.vlogstreams.kill.KillChild.Kind;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The variants that are compared: a store, and how it takes part in the transactions of Kafka Streams. */
enum HeadlineStore {
    VLOG_TRANSACTIONAL("VLog store, transactional", Kind.HEADLINE_VLOG, "enable.transactional.statestores", "true"),
    ROCKSDB_TRANSACTIONAL(
            "RocksDBStore, transactional", Kind.HEADLINE_ROCKSDB, "enable.transactional.statestores", "true"),
    VLOG_WITH_SUPPLIER(
            "VLog store, client supplier",
            Kind.HEADLINE_VLOG,
            StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG,
            VLogKafkaClientSupplier.class.getName()),
    ROCKSDB("RocksDBStore", Kind.HEADLINE_ROCKSDB, "enable.transactional.statestores", "false");

    final String title;
    final Kind kind;
    private final String key;
    private final String value;

    HeadlineStore(String title, Kind kind, String key, String value) {
        this.title = title;
        this.kind = kind;
        this.key = key;
        this.value = value;
    }

    /** Returns the properties of an application under exactly-once that keeps its input in this store. */
    Properties properties(String applicationId, String bootstrapServers, Path stateFolder) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), "" + KillBroker.RECORD_BYTES_MAX);
        properties.put(producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), "60000");
        properties.put(consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        // A static member replaces the killed one immediately, so the restore is measured and not a session timeout.
        properties.put(consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), "child");
        properties.put(key, value);
        return properties;
    }
}
