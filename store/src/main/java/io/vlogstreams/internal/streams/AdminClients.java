/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up where changelogs end, through the admin clients of the applications that one client supplier serves.
 *
 * <p>It uses the admin clients, and not the restore consumers, for two reasons. First, their connections are idle,
 * while on a consumer's connection each request waits for the fetch before it. Second, they can ask for the end of a
 * changelog including transactions whose markers are not written yet. A transaction counts as committed before its
 * markers are written, so a store may rightly be at its last record.
 *
 * <p>Thread-safe.
 */
public final class AdminClients {

    private static final Logger LOG = LoggerFactory.getLogger(AdminClients.class);

    private static final String CLIENT_ID = "client.id";
    private static final String SUFFIX = "-admin";
    private static final long PATIENCE_SECONDS = 10;

    /**
     * By the client id of the application, which is the prefix of the ids of its clients. The references are weak,
     * because Kafka Streams owns and closes the clients.
     */
    private final Map<String, WeakReference<Admin>> admins = new ConcurrentHashMap<>();

    /** Remembers the admin client of an application. */
    public Admin remember(Map<String, Object> config, Admin admin) {
        String clientId = clientId(config);
        if (clientId.endsWith(SUFFIX)) {
            String application = clientId.substring(0, clientId.length() - SUFFIX.length());
            admins.put(application, new WeakReference<>(admin));
        }
        return admin;
    }

    /**
     * Wraps a restore consumer so that it checks whether changelogs reach the offsets that it seeks to. Without an
     * admin client of its application the consumer is returned unchanged.
     *
     * @param firstPollWaits whether the first poll after an assignment waits for records, as the others do
     */
    public Consumer<byte[], byte[]> checking(
            Map<String, Object> config, Consumer<byte[], byte[]> consumer, boolean firstPollWaits) {
        String clientId = clientId(config);
        String application = admins.keySet().stream()
                .filter(id -> clientId.startsWith(id + "-"))
                .reduce("", (one, other) -> one.length() > other.length() ? one : other);
        WeakReference<Admin> known = admins.get(application);
        Admin admin = known == null ? null : known.get();
        return admin == null ? consumer : RestoreConsumer.around(consumer, asking(admin), firstPollWaits);
    }

    private static String clientId(Map<String, Object> config) {
        return String.valueOf(config.get(CLIENT_ID));
    }

    private static ChangelogEnds asking(Admin admin) {
        return partitions -> {
            Map<TopicPartition, Long> ends = new HashMap<>();
            try {
                ListOffsetsResult answers = admin.listOffsets(
                        partitions.stream().collect(Collectors.toMap(Function.identity(), each -> OffsetSpec.latest())),
                        new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED));
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
                partitions.forEach(each -> addAnswer(answers, each, deadline, ends));
            } catch (IllegalStateException closed) {
                LOG.debug("The ends of {} cannot be found out: the admin client is closed", partitions, closed);
            }
            return ends;
        };
    }

    private static void addAnswer(
            ListOffsetsResult answers, TopicPartition partition, long deadline, Map<TopicPartition, Long> ends) {
        try {
            long left = Math.max(0, deadline - System.nanoTime());
            ends.put(
                    partition,
                    answers.partitionResult(partition)
                            .get(left, TimeUnit.NANOSECONDS)
                            .offset());
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("The end of changelog {} could not be found out; it is tried again", partition, e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
