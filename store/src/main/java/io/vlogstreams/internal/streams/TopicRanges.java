/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * From where to where the topics of global stores can be read, as the calling thread has learned.
 *
 * <p>Kafka Streams asks its global consumer for the ends of a topic when the store is registered, and the store for its
 * offset after that. So the store can tell in time that its topic does not reach its offset. Streams itself takes such
 * a store for restored, serves it, and stops with an error at the first fetch.
 *
 * <p>Each thread sees its own; nothing is shared.
 */
public final class TopicRanges {

    /** The offset of the first record of a partition and the one after the last. */
    record Range(long beginning, long end) {

        /** Whether the next record to read can be this one. */
        boolean reaches(long offset) {
            return beginning <= offset && offset <= end;
        }
    }

    private static final ThreadLocal<Map<TopicPartition, Range>> LEARNED = ThreadLocal.withInitial(HashMap::new);

    private TopicRanges() {}

    /** A consumer from whose answers the calling threads learn. */
    @SuppressWarnings("unchecked") // it passes on what the consumer gives
    public static Consumer<byte[], byte[]> learnedFrom(Consumer<byte[], byte[]> consumer) {
        return (Consumer<byte[], byte[]>) Proxy.newProxyInstance(
                TopicRanges.class.getClassLoader(), new Class<?>[] {Consumer.class}, (proxy, method, arguments) -> {
                    try {
                        Object answer = method.invoke(consumer, arguments);
                        if (method.getName().equals("endOffsets")) {
                            learn(
                                    consumer.beginningOffsets((Collection<TopicPartition>) arguments[0]),
                                    (Map<TopicPartition, Long>) answer);
                        }
                        return answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }

    private static void learn(Map<TopicPartition, Long> beginnings, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Range> learned = LEARNED.get();
        ends.forEach((partition, end) ->
                learned.put(partition, new Range(Objects.requireNonNull(beginnings.get(partition)), end)));
    }

    /** What the calling thread has learned since it last asked. */
    static Map<TopicPartition, Range> learned() {
        Map<TopicPartition, Range> learned = LEARNED.get();
        LEARNED.remove();
        return learned;
    }
}
