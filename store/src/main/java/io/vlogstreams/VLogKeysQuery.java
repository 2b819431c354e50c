/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.query.ResultOrder;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * An interactive query for the keys of a VLog store, without their values: all of them, those in a range, or those that
 * start with a prefix. Keys are in the index, so no value is read and none goes through the value cache, however large
 * the values are.
 *
 * <p>From outside, for each partition:
 *
 * <pre>{@code
 * StateQueryRequest<VLogKeyIterator<String>> request =
 *         StateQueryRequest.inStore("documents").withQuery(VLogKeysQuery.withNoBounds(Serdes.String()));
 * for (QueryResult<VLogKeyIterator<String>> partition : streams.query(request).getPartitionResults().values()) {
 *     try (VLogKeyIterator<String> keys = partition.getResult()) {
 *         keys.forEachRemaining(key -> ...);
 *     }
 * }
 * }</pre>
 *
 * <p>From a processor, on its store:
 *
 * <pre>{@code
 * KeyValueStore<String, byte[]> store = context.getStateStore("documents");
 * VLogKeysQuery<String> query = VLogKeysQuery.withRange("a", "b", Serdes.String());
 * try (VLogKeyIterator<String> keys =
 *         store.query(query, PositionBound.unbounded(), new QueryConfig(false)).getResult()) {
 *     keys.forEachRemaining(key -> ...);
 * }
 * }</pre>
 *
 * <p>It carries the serde of the keys, because the layers of Kafka Streams know Kafka's own queries only and hand on
 * others as they are. The serde must be that of the store. It is used by the thread that asks and by those that
 * iterate.
 *
 * <p>What it sees is what a {@link RangeQuery} sees, in position bounds, isolation level and order. So it looks past
 * the record cache of a store with caching: what is in the cache only is not there yet, and what was deleted in the
 * cache only is still there, until the cache is flushed, at the next commit at the latest. A processor that is to see
 * its own writes needs a store without caching, which is what a {@code StoreBuilder} makes unless it is told otherwise.
 *
 * <p>Stores that are not VLog stores answer with the failure {@code UNKNOWN_QUERY_TYPE}. Kafka Streams answers no query
 * on a global store from outside. A plain store in a builder for timestamped stores fails, as it does for a
 * {@code RangeQuery}.
 *
 * <p>Immutable; any thread.
 *
 * @param <K> the type of keys
 */
public final class VLogKeysQuery<K> implements Query<VLogKeyIterator<K>> {

    private final @Nullable K lower;
    private final @Nullable K upper;
    private final byte @Nullable [] prefix;
    private final ResultOrder order;
    private final Serde<K> keySerde;

    private VLogKeysQuery(
            @Nullable K lower, @Nullable K upper, byte @Nullable [] prefix, ResultOrder order, Serde<K> keySerde) {
        this.lower = lower;
        this.upper = upper;
        this.prefix = prefix;
        this.order = order;
        this.keySerde = Objects.requireNonNull(keySerde, "keySerde cannot be null");
    }

    /** The keys from {@code lower} to {@code upper}, both included; null is an open end. */
    public static <K> VLogKeysQuery<K> withRange(@Nullable K lower, @Nullable K upper, Serde<K> keySerde) {
        return new VLogKeysQuery<>(lower, upper, null, ResultOrder.ANY, keySerde);
    }

    /** The keys from {@code lower} on, which is included. */
    public static <K> VLogKeysQuery<K> withLowerBound(K lower, Serde<K> keySerde) {
        return withRange(Objects.requireNonNull(lower, "lower cannot be null"), null, keySerde);
    }

    /** The keys up to {@code upper}, which is included. */
    public static <K> VLogKeysQuery<K> withUpperBound(K upper, Serde<K> keySerde) {
        return withRange(null, Objects.requireNonNull(upper, "upper cannot be null"), keySerde);
    }

    /** All keys. */
    public static <K> VLogKeysQuery<K> withNoBounds(Serde<K> keySerde) {
        return withRange(null, null, keySerde);
    }

    /**
     * The keys whose bytes start with those of the prefix, as in {@link KeyValueStore#prefixScan}.
     *
     * @param prefixSerializer makes the bytes now; it is told no topic, as by Kafka's stores
     */
    @SuppressWarnings("NullAway") // Kafka's raw stores serialize prefixes without a topic
    public static <P, K> VLogKeysQuery<K> withPrefix(P prefix, Serializer<P> prefixSerializer, Serde<K> keySerde) {
        Objects.requireNonNull(prefix, "prefix cannot be null");
        byte[] bytes = prefixSerializer.serialize(null, prefix);
        return new VLogKeysQuery<>(null, null, bytes, ResultOrder.ANY, keySerde);
    }

    /** The same in ascending order of the serialized keys, which is also the order if none is asked for. */
    public VLogKeysQuery<K> withAscendingKeys() {
        return new VLogKeysQuery<>(lower, upper, prefix, ResultOrder.ASCENDING, keySerde);
    }

    /** The same in descending order of the serialized keys. */
    public VLogKeysQuery<K> withDescendingKeys() {
        return new VLogKeysQuery<>(lower, upper, prefix, ResultOrder.DESCENDING, keySerde);
    }

    /** The first key, or none. */
    public Optional<K> getLowerBound() {
        return Optional.ofNullable(lower);
    }

    /** The last key, or none. */
    public Optional<K> getUpperBound() {
        return Optional.ofNullable(upper);
    }

    /** The bytes with which the keys begin, or none. */
    public Optional<byte[]> getPrefix() {
        return prefix == null ? Optional.empty() : Optional.of(prefix.clone());
    }

    /** The order that was asked for. */
    public ResultOrder resultOrder() {
        return order;
    }

    /** Serializes the bounds and deserializes the keys. */
    public Serde<K> keySerde() {
        return keySerde;
    }
}
