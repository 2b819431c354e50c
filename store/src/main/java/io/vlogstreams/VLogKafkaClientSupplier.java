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
 * A client supplier with which VLog stores commit together with the Kafka transaction. Under exactly-once a store then
 * survives a killed process without being wiped, and restores only what the last transactions wrote.
 *
 * <p>Set the property {@code default.client.supplier} to this class, or pass an instance to the constructor of
 * {@code KafkaStreams}. If the constructor gets a supplier, as from Spring's {@code StreamsBuilderFactoryBean}, Kafka
 * Streams ignores the property, and a warning in the log says so. This class wraps the clients that Kafka Streams would
 * create itself, or those of another supplier.
 *
 * <p>Under both guarantees, its restore consumer checks whether a changelog reaches the offset of its store. If the
 * changelog ends earlier, because it was deleted, recreated or truncated, the store is restored from what the changelog
 * holds. The same applies to the topics of global stores.
 *
 * <p>Unless it wraps another supplier, the restore consumer spends little time on stores that are up to date. It does
 * not wait in the first poll after an assignment. If this class was set in the properties and
 * {@code num.standby.replicas} is 0, its fetches wait 20 ms for records instead of 500, so that the next task need not
 * wait for them. A {@code restore.consumer.fetch.max.wait.ms} in the properties takes precedence.
 *
 * <p>VLog stores also work without it. Then they commit when Kafka Streams tells them to, as under at-least-once.
 *
 * <p>Thread-safe if the wrapped supplier is.
 */
public final class VLogKafkaClientSupplier implements KafkaClientSupplier, Configurable {

    /** A waiting fetch costs the broker next to nothing, but it delays the fetch of the next task. */
    private static final int RESTORE_FETCH_WAIT_MS = 20;

    private final @Nullable KafkaClientSupplier clients;

    private final AdminClients admins = new AdminClients();

    /** Whether the restore consumer is used only while there is something to restore. */
    private volatile boolean restoresOnly;

    /**
     * For Kafka Streams, which creates an instance by reflection.
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
     * @param clients the supplier of all clients
     * @throws UnsupportedVersionException if the Kafka Streams on the class path is older than 4.0
     */
    public VLogKafkaClientSupplier(KafkaClientSupplier clients) {
        RuntimeFeatures.requireSupported();
        this.clients = Objects.requireNonNull(clients, "clients");
    }

    /**
     * Called by Kafka Streams if the supplier was set in the properties.
     *
     * @param properties the properties of the application
     */
    @Override
    public void configure(Map<String, ?> properties) {
        Object standbys = properties.get(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG);
        // The consumer of a standby waits for records all the time, and should do so with few requests.
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
        // The group of a consumer has the name of its application.
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
