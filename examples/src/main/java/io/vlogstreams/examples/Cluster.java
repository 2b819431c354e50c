/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** The Kafka cluster that an example runs on: the user's own, or an embedded broker that ends with it. */
final class Cluster implements AutoCloseable {
    /** The most that Kafka adds to a value here: key (a path), headers, framing. */
    static final int RECORD_OVERHEAD_BYTES = 80 << 10;

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final @Nullable EmbeddedKafka embedded;
    private final String bootstrapServers;
    private final Admin admin;

    private Cluster(@Nullable EmbeddedKafka embedded, String bootstrapServers) {
        this.embedded = embedded;
        this.bootstrapServers = bootstrapServers;
        this.admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) TIMEOUT.toMillis()));
    }

    /** Starts an embedded broker with its data in a folder. */
    static Cluster embedded(Path dataDir) {
        var broker = EmbeddedKafka.start(dataDir);
        return new Cluster(broker, broker.bootstrapServers());
    }

    /** Connects to a running cluster. */
    static Cluster connect(String bootstrapServers) {
        return new Cluster(null, bootstrapServers);
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    /** Creates a topic that accepts values of up to that many bytes. */
    void createTopic(String name, int partitions, int maxRecordBytes) {
        var topic = new NewTopic(name, Optional.of(partitions), Optional.empty())
                .configs(Map.of("max.message.bytes", String.valueOf(maxRecordBytes + RECORD_OVERHEAD_BYTES)));
        get("creating topic " + name, admin.createTopics(List.of(topic)).all());
    }

    /** Deletes all topics of an example, including those that Kafka Streams created for it. */
    void deleteTopics(String prefix) {
        var names = get("listing topics", admin.listTopics().names()).stream()
                .filter(name -> name.startsWith(prefix))
                .toList();
        get("deleting topics " + names, admin.deleteTopics(names).all());
    }

    /**
     * The progress of an application with a topic.
     *
     * @param processed records that it has processed and committed
     * @param sent records in the topic
     */
    record Progress(long processed, long sent) {
        boolean complete() {
            return processed == sent;
        }
    }

    Progress progress(String applicationId, String topic) {
        var ends = endOffsets(topic);
        var committed = committedOffsets(applicationId);
        long processed = ends.keySet().stream()
                .mapToLong(partition -> offset(committed.get(partition)))
                .sum();
        long sent =
                ends.values().stream().mapToLong(ListOffsetsResultInfo::offset).sum();
        return new Progress(processed, sent);
    }

    private Map<TopicPartition, ListOffsetsResultInfo> endOffsets(String topic) {
        var descriptions = get(
                "describing topic " + topic,
                admin.describeTopics(List.of(topic)).allTopicNames());
        Map<TopicPartition, OffsetSpec> latest = descriptions.values().stream()
                .flatMap(description -> description.partitions().stream())
                .collect(Collectors.toMap(
                        info -> new TopicPartition(topic, info.partition()), info -> OffsetSpec.latest()));
        return get("reading end offsets of " + topic, admin.listOffsets(latest).all());
    }

    private Map<TopicPartition, OffsetAndMetadata> committedOffsets(String applicationId) {
        var offsets = admin.listConsumerGroupOffsets(applicationId).partitionsToOffsetAndMetadata();
        return get("reading offsets of group " + applicationId, offsets, Map.of());
    }

    private static long offset(@Nullable OffsetAndMetadata committed) {
        return committed == null ? 0 : committed.offset();
    }

    private <T> T get(String what, KafkaFuture<T> future) {
        return get(what, future, null);
    }

    private <T> T get(String what, KafkaFuture<T> future, @Nullable T ifAbsent) {
        try {
            return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            var cause = e.getCause();
            var absent = cause instanceof GroupIdNotFoundException || cause instanceof UnknownTopicOrPartitionException;
            if (absent && ifAbsent != null) {
                return ifAbsent;
            }
            throw new ExampleFailedException(
                    what + " failed on the cluster at " + bootstrapServers, cause == null ? e : cause);
        } catch (TimeoutException e) {
            throw new ExampleFailedException(
                    what + " took more than " + TIMEOUT.toSeconds() + " s on the cluster at " + bootstrapServers, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExampleFailedException("interrupted while " + what, e);
        }
    }

    @Override
    public void close() {
        admin.close(TIMEOUT);
        if (embedded != null) {
            embedded.close();
        }
    }
}
