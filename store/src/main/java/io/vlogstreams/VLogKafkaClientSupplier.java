/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import io.vlogstreams.internal.streams.TransactionSignalProducer;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets VLog stores commit with the Kafka transaction: under exactly-once a store then survives a killed process without
 * being wiped, and restores only what the last transactions wrote.
 *
 * <p>Named in the property {@code default.client.supplier}, or given to the {@code KafkaStreams} constructor. The clients
 * are those that Kafka Streams makes itself, or those of another supplier that is given; the producer is wrapped.
 *
 * <p>Without it, and under at-least-once, VLog stores work as well: then they commit when Kafka Streams tells them to.
 *
 * <p>Thread-safe if the supplier inside is.
 */
public final class VLogKafkaClientSupplier implements KafkaClientSupplier {

    private final @Nullable KafkaClientSupplier clients;

    /** For Kafka Streams, which makes an instance by reflection. */
    public VLogKafkaClientSupplier() {
        this.clients = null;
    }

    /**
     * Wraps the producers of another supplier.
     *
     * @param clients where all clients come from
     */
    public VLogKafkaClientSupplier(KafkaClientSupplier clients) {
        this.clients = Objects.requireNonNull(clients, "clients");
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return clients == null ? Admin.create(config) : clients.getAdmin(config);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new TransactionSignalProducer(
                clients == null
                        ? new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())
                        : clients.getProducer(config));
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        return clients == null ? newConsumer(config) : clients.getConsumer(config);
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        return clients == null ? newConsumer(config) : clients.getRestoreConsumer(config);
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        return clients == null ? newConsumer(config) : clients.getGlobalConsumer(config);
    }

    private static Consumer<byte[], byte[]> newConsumer(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
