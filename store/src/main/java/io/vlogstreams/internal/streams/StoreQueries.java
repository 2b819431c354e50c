/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.query.ResultOrder;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Answers interactive queries (IQv2) on a key-value store: {@link KeyQuery} and {@link RangeQuery}, with position bounds.
 *
 * <p>A query never waits for the writer. The position of its result is taken before the data is read, and a writer moves
 * the position after the data, so the data is at least as new as the position says. Any thread.
 */
final class StoreQueries {

    /** How often a key is looked up again because the position moved meanwhile. */
    private static final int MAX_REPEATS = 3;

    private StoreQueries() {}

    static <R> QueryResult<R> answer(
            Query<R> query,
            PositionBound bound,
            QueryConfig config,
            KeyValueStore<Bytes, byte[]> store,
            int partition) {
        long startNs = System.nanoTime();
        Position position = store.getPosition().copy();
        QueryResult<R> result;
        if (!(query instanceof KeyQuery<?, ?>) && !(query instanceof RangeQuery<?, ?>)) {
            result = QueryResult.forUnknownQueryType(query, store);
        } else if (!reaches(position, bound.position(), partition)) {
            result = QueryResult.notUpToBound(position, bound, partition);
        } else {
            result = run(query, store);
            // A value that was written meanwhile is looked up again, so that mostly position and value belong together.
            for (int again = 0; again < MAX_REPEATS && query instanceof KeyQuery<?, ?>; again++) {
                Position now = store.getPosition().copy();
                if (now.equals(position)) {
                    break;
                }
                position = now;
                result = run(query, store);
            }
        }
        if (config.isCollectExecutionInfo()) {
            result.addExecutionInfo("Handled in " + store.getClass() + " in " + (System.nanoTime() - startNs) + "ns");
        }
        result.setPosition(position);
        return result;
    }

    /** Whether the position has reached the bound for the partition; topics that are not bounded do not matter. */
    private static boolean reaches(Position position, Position bound, int partition) {
        for (String topic : bound.getTopics()) {
            Long wanted = bound.getPartitionPositions(topic).get(partition);
            Map<Integer, Long> reached = position.getPartitionPositions(topic);
            if (wanted != null && reached.getOrDefault(partition, -1L) < wanted) {
                return false;
            }
        }
        return true;
    }

    @SuppressWarnings("unchecked") // the layers above ask raw stores with raw keys
    private static <R> QueryResult<R> run(Query<R> query, KeyValueStore<Bytes, byte[]> store) {
        try {
            Object answer = query instanceof KeyQuery<?, ?> keyQuery
                    ? store.get((Bytes) keyQuery.getKey())
                    : range((RangeQuery<Bytes, byte[]>) query, store);
            return QueryResult.forResult((R) answer);
        } catch (RuntimeException e) {
            return QueryResult.forFailure(FailureReason.STORE_EXCEPTION, describe(e, query, store));
        }
    }

    private static Object range(RangeQuery<Bytes, byte[]> query, KeyValueStore<Bytes, byte[]> store) {
        @Nullable Bytes from = orNull(query.getLowerBound());
        @Nullable Bytes to = orNull(query.getUpperBound());
        return query.resultOrder() == ResultOrder.DESCENDING ? store.reverseRange(from, to) : store.range(from, to);
    }

    private static @Nullable Bytes orNull(Optional<Bytes> bound) {
        return bound.isPresent() ? bound.get() : null;
    }

    private static String describe(RuntimeException e, Query<?> query, StateStore store) {
        return store.getClass() + " failed to handle query " + query + ":\n" + Utils.stackTrace(e);
    }
}
