/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wraps a consumer that reads changelogs, and checks in the first poll whether they reach the offsets of the stores.
 *
 * <p>Kafka Streams considers a store restored when the position of the consumer is not before the end of the changelog.
 * A changelog that was deleted, recreated or truncated ends before the position, but only a fetch reveals that. If no
 * fetch has returned when Streams compares the two, it keeps a store with data that its changelog lacks. So the first
 * poll after a seek compares them, for all new partitions with one request, and throws the exception that the fetch
 * would throw. Until then the position is not revealed.
 *
 * <p>The first poll after an assignment does not wait for records either. Streams checks whether a store is up to date
 * only after a poll, which waits {@code poll.ms} (100 ms) if there are no records. There are none for a store that is
 * up to date, so each task would wait for nothing, one after the other.
 *
 * <p>This is a proxy because a consumer has some sixty methods, which differ between versions of Kafka, and it wraps
 * any consumer. Like a consumer it is not thread-safe.
 */
final class RestoreConsumer implements InvocationHandler {

    private static final Logger LOG = LoggerFactory.getLogger(RestoreConsumer.class);

    private final Consumer<byte[], byte[]> consumer;
    private final ChangelogEnds ends;
    private final boolean firstPollWaits;

    /** Offsets of seeks since the last poll, and of earlier ones if the ends of their partitions are still unknown. */
    private final Map<TopicPartition, Long> unchecked = new HashMap<>();

    /** The partitions whose ends a poll could not look up. */
    private final Set<TopicPartition> unknown = new HashSet<>();

    private boolean newlyAssigned;

    private RestoreConsumer(Consumer<byte[], byte[]> consumer, ChangelogEnds ends, boolean firstPollWaits) {
        this.consumer = consumer;
        this.ends = ends;
        this.firstPollWaits = firstPollWaits;
    }

    /**
     * Wraps a consumer with the check.
     *
     * @param firstPollWaits whether the first poll after an assignment waits for records, as the others do
     */
    @SuppressWarnings("unchecked") // the proxy implements the interface
    static Consumer<byte[], byte[]> around(
            Consumer<byte[], byte[]> consumer, ChangelogEnds ends, boolean firstPollWaits) {
        return (Consumer<byte[], byte[]>) Proxy.newProxyInstance(
                RestoreConsumer.class.getClassLoader(),
                new Class<?>[] {Consumer.class},
                new RestoreConsumer(consumer, ends, firstPollWaits));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        if (arguments == null) {
            if (method.getName().equals("unsubscribe")) {
                assigned(Set.of());
            }
        } else {
            switch (method.getName()) {
                case "assign" -> assigned(partitions(arguments[0]));
                case "seek" -> sought(partition(arguments[0]), arguments[1]);
                case "seekToBeginning", "seekToEnd" -> forget(partitions(arguments[0]));
                case "position" -> refuseUnknown(partition(arguments[0]));
                case "poll" -> arguments[0] = beforePoll((Duration) Objects.requireNonNull(arguments[0]));
                default -> {
                    // All other methods are only delegated.
                }
            }
        }
        try {
            return method.invoke(consumer, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static TopicPartition partition(@Nullable Object argument) {
        return (TopicPartition) Objects.requireNonNull(argument);
    }

    @SuppressWarnings("unchecked") // by the signatures of Consumer
    private static Collection<TopicPartition> partitions(@Nullable Object argument) {
        return (Collection<TopicPartition>) Objects.requireNonNull(argument);
    }

    private void assigned(Collection<TopicPartition> partitions) {
        newlyAssigned = true;
        unchecked.keySet().retainAll(partitions);
        unknown.retainAll(partitions);
    }

    private void sought(TopicPartition partition, @Nullable Object to) {
        long offset = to instanceof OffsetAndMetadata next ? next.offset() : (Long) Objects.requireNonNull(to);
        forget(Set.of(partition));
        if (offset > 0) {
            unchecked.put(partition, offset);
        }
    }

    private void forget(Collection<TopicPartition> partitions) {
        partitions.forEach(each -> {
            unchecked.remove(each);
            unknown.remove(each);
        });
    }

    /**
     * Refuses to return a position whose partition has an unknown end. Streams would compare it with an end that it has
     * looked up itself, and consider the store restored.
     */
    private void refuseUnknown(TopicPartition partition) {
        if (unknown.contains(partition)) {
            throw new TimeoutException(
                    "The end of changelog " + partition + " could not be found out yet, so it is not known"
                            + " whether it reaches offset " + unchecked.get(partition));
        }
    }

    /** Returns how long to wait for records. */
    private Duration beforePoll(Duration timeout) {
        check();
        Duration wait = newlyAssigned && !firstPollWaits ? Duration.ZERO : timeout;
        newlyAssigned = false;
        return wait;
    }

    /**
     * @throws OffsetOutOfRangeException if changelogs end before the offset they were sought to
     */
    private void check() {
        if (unchecked.isEmpty()) {
            return;
        }
        Map<TopicPartition, Long> found = ends.of(Set.copyOf(unchecked.keySet()));
        Map<TopicPartition, Long> beyond = new HashMap<>();
        found.forEach((partition, end) -> {
            long position = Objects.requireNonNull(unchecked.get(partition));
            if (position > end) {
                LOG.warn(
                        "Changelog {} ends at offset {}, but its store is at {}: the changelog was deleted, made anew or cut,"
                                + " or the store's folder is that of another. The store is restored from the beginning",
                        partition,
                        end,
                        position);
                beyond.put(partition, position);
            }
        });
        forget(found.keySet());
        unknown.addAll(unchecked.keySet());
        if (!beyond.isEmpty()) {
            throw new OffsetOutOfRangeException("The changelogs end before the offsets of their stores", beyond);
        }
    }
}
