/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogKeysQuery;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.utils.Bytes;
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
import org.jspecify.annotations.Nullable;

/**
 * Answers interactive queries (IQv2) on a key-value store: {@link KeyQuery}, {@link RangeQuery} and
 * {@link VLogKeysQuery}, with position bounds.
 *
 * <p>A query never waits for the writer. It takes the position of its result before it reads the data, and the writer
 * advances the position after the data. So the data is at least as new as the position. While a standby restores, a
 * query is repeated a few times, so that the two mostly match exactly. Thread-safe.
 */
final class StoreQueries {

    /** How often a query is repeated at most because a batch was restored meanwhile. */
    private static final int MAX_REPEATS = 5;

    private static final long PAUSE_NS = 100_000;

    private StoreQueries() {}

    static <R> QueryResult<R> answer(
            Query<R> query, PositionBound bound, QueryConfig config, VLogKeyValueStore store, OpenStore open) {
        long startNs = System.nanoTime();
        StoreReads reads = reads(open, config);
        QueryResult<R> result;
        for (int repeats = 0; ; repeats++) {
            long stamp = open.beforeQuery();
            result = answer(query, bound, store, reads, open.partition());
            if (open.nothingRestoredSince(stamp) || repeats == MAX_REPEATS) {
                break;
            }
            discard(result);
            LockSupport.parkNanos(PAUSE_NS);
        }
        if (config.isCollectExecutionInfo()) {
            result.addExecutionInfo("Handled in " + store.getClass() + " in " + (System.nanoTime() - startNs) + "ns");
        }
        return result;
    }

    private static <R> QueryResult<R> answer(
            Query<R> query, PositionBound bound, VLogKeyValueStore store, StoreReads reads, int partition) {
        Position position = reads.position();
        QueryResult<R> result;
        if (!isKnown(query)) {
            result = QueryResult.forUnknownQueryType(query, store);
        } else if (!reaches(position, bound.position(), partition)) {
            result = QueryResult.notUpToBound(position, bound, partition);
        } else {
            result = run(query, store, reads);
        }
        result.setPosition(position);
        return result;
    }

    /** Queries have an isolation level since Kafka 4.4. */
    private static StoreReads reads(OpenStore open, QueryConfig config) {
        return RuntimeFeatures.hasTransactionalStores() ? open.reads(config.getIsolationLevel()) : open.reads();
    }

    private static boolean isKnown(Query<?> query) {
        return query instanceof KeyQuery<?, ?>
                || query instanceof RangeQuery<?, ?>
                || query instanceof VLogKeysQuery<?>;
    }

    private static void discard(QueryResult<?> result) {
        if (result.isSuccess() && result.getResult() instanceof ScanIterator<?> iterator) {
            iterator.close();
        }
    }

    /** Returns whether the position has reached the bound for the partition; topics without a bound do not matter. */
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
    private static <R> QueryResult<R> run(Query<R> query, StateStore store, StoreReads reads) {
        try {
            Object answer;
            if (query instanceof KeyQuery<?, ?> keyQuery) {
                answer = reads.get((Bytes) keyQuery.getKey());
            } else if (query instanceof VLogKeysQuery<?> keysQuery) {
                answer = reads.keys(keysQuery);
            } else {
                answer = range((RangeQuery<Bytes, byte[]>) query, reads);
            }
            return QueryResult.forResult((R) answer);
        } catch (RuntimeException e) {
            return QueryResult.forFailure(FailureReason.STORE_EXCEPTION, describe(e, query, store));
        }
    }

    private static Object range(RangeQuery<Bytes, byte[]> query, StoreReads reads) {
        @Nullable Bytes from = orNull(query.getLowerBound());
        @Nullable Bytes to = orNull(query.getUpperBound());
        return query.resultOrder() == ResultOrder.DESCENDING ? reads.reverseRange(from, to) : reads.range(from, to);
    }

    private static @Nullable Bytes orNull(Optional<Bytes> bound) {
        return bound.isPresent() ? bound.get() : null;
    }

    private static String describe(RuntimeException e, Query<?> query, StateStore store) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        return store.getClass() + " failed to handle query " + query + ":\n" + trace;
    }
}
