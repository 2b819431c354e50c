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
 * The offset ranges of the topics of global stores, as the calling thread has learned them.
 *
 * <p>Kafka Streams asks its global consumer for the end offsets of a topic when the store is registered, and then asks
 * the store for its offset. So the store can detect in time that its topic does not reach its offset. Streams itself
 * considers such a store restored, serves it, and stops with an error at the first fetch.
 *
 * <p>The ranges are thread-local; nothing is shared.
 */
public final class TopicRanges {

    /** The offset of the first record of a partition and the one after the last. */
    record Range(long beginning, long end) {

        /** Returns whether reading can continue at this offset. */
        boolean reaches(long offset) {
            return beginning <= offset && offset <= end;
        }
    }

    private static final ThreadLocal<Map<TopicPartition, Range>> LEARNED = ThreadLocal.withInitial(HashMap::new);

    private TopicRanges() {}

    /** Wraps a consumer, from whose answers its calling threads learn. */
    @SuppressWarnings("unchecked") // the proxy implements the interface
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

    /** Returns the ranges that the calling thread has learned since the last call. */
    static Map<TopicPartition, Range> learned() {
        Map<TopicPartition, Range> learned = LEARNED.get();
        LEARNED.remove();
        return learned;
    }
}
