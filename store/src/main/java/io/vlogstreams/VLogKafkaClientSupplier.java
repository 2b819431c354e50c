/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import io.vlogstreams.internal.streams.AdminClients;
import io.vlogstreams.internal.streams.NamedInVain;
import io.vlogstreams.internal.streams.RuntimeFeatures;
import io.vlogstreams.internal.streams.TopicRanges;
import io.vlogstreams.internal.streams.TransactionSignalProducer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.Configurable;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;

/**
 * Lets VLog stores commit with the Kafka transaction: under exactly-once a store then survives a killed process without
 * being wiped, and restores only what the last transactions wrote.
 *
 * <p>Named in the property {@code default.client.supplier}, or given to the {@code KafkaStreams} constructor. If that
 * is given a supplier, as Spring's {@code StreamsBuilderFactoryBean} always does, Kafka Streams passes over the
 * property, and a warning in the log says so. The clients are those that Kafka Streams makes itself, or those of
 * another supplier that is given, wrapped.
 *
 * <p>Under both guarantees, its restore consumer finds out whether a changelog reaches the offset that a store is at.
 * If not, because the changelog was deleted, made anew or cut, the store is restored from what the changelog holds. The
 * same is true of the topics of global stores.
 *
 * <p>Unless another supplier is given, the restore consumer wastes little time on stores that miss nothing: it does not
 * wait in the first poll after an assignment, and if this was named in the properties and {@code num.standby.replicas}
 * is 0, its fetches wait 20 ms for records instead of 500, so that the next task need not wait for them. A {@code
 * restore.consumer.fetch.max.wait.ms} in the properties is respected.
 *
 * <p>VLog stores work without it as well: then they commit when Kafka Streams tells them to, as under at-least-once.
 *
 * <p>Thread-safe if the supplier inside is.
 */
public final class VLogKafkaClientSupplier implements KafkaClientSupplier, Configurable {

    /** Waiting costs a broker nothing and a request little, but a fetch that waits holds up the next task's. */
    private static final int RESTORE_FETCH_WAIT_MS = 20;

    private final @Nullable KafkaClientSupplier clients;

    private final AdminClients admins = new AdminClients();

    /** Whether the restore consumer is used only while there is something to restore. */
    private volatile boolean restoresOnly;

    /**
     * For Kafka Streams, which makes an instance by reflection.
     *
     * @throws UnsupportedVersionException if the Kafka Streams on the class path is older than 4.0
     */
    public VLogKafkaClientSupplier() {
        RuntimeFeatures.requireSupported();
        this.clients = null;
    }

    /**
     * Wraps the clients of another supplier.
     *
     * @param clients where all clients come from
     * @throws UnsupportedVersionException if the Kafka Streams on the class path is older than 4.0
     */
    public VLogKafkaClientSupplier(KafkaClientSupplier clients) {
        RuntimeFeatures.requireSupported();
        this.clients = Objects.requireNonNull(clients, "clients");
    }

    /**
     * Called by Kafka Streams if the supplier was named in the properties.
     *
     * @param properties those of the application
     */
    @Override
    public void configure(Map<String, ?> properties) {
        Object standbys = properties.get(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG);
        // The consumer of a standby waits for records all the time, and should do it with few requests.
        restoresOnly = standbys == null || standbys.toString().trim().equals("0");
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return admins.remember(config, clients == null ? Admin.create(config) : clients.getAdmin(config));
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
        // The group of a consumer is named like its application.
        NamedInVain.CLIENT_SUPPLIER.usedBy(config.get(ConsumerConfig.GROUP_ID_CONFIG));
        return clients == null ? newConsumer(config) : clients.getConsumer(config);
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        if (clients != null) {
            return admins.checking(config, clients.getRestoreConsumer(config), true);
        }
        Map<String, Object> restoring = new HashMap<>(config);
        if (restoresOnly) {
            restoring.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, RESTORE_FETCH_WAIT_MS);
        }
        return admins.checking(restoring, newConsumer(restoring), false);
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        return TopicRanges.learnedFrom(clients == null ? newConsumer(config) : clients.getGlobalConsumer(config));
    }

    private static Consumer<byte[], byte[]> newConsumer(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
