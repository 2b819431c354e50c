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
 * An interactive query for the keys of a VLog store without their values: all keys, the keys in a range, or the keys
 * with a prefix. The index holds the keys, so the query reads no value and does not touch the value cache, however
 * large the values are.
 *
 * <p>From outside the topology, for each partition:
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
 * <p>The query carries the serde of the keys, because the layers of Kafka Streams deserialize only the results of
 * Kafka's own queries and forward all others unchanged. The serde must be that of the store. The querying thread and
 * the iterating threads use it.
 *
 * <p>The query sees the same data as a {@link RangeQuery}: position bounds, isolation level and order are the same. It
 * bypasses the record cache of a store with caching. Until the cache is flushed, at the next commit at the latest, a
 * key that is only in the cache is missing, and a key that was deleted only in the cache is still returned. A processor
 * that has to see its own writes needs a store without caching, which is the default of a {@code StoreBuilder}.
 *
 * <p>Stores that are not VLog stores answer with the failure {@code UNKNOWN_QUERY_TYPE}. Kafka Streams answers no query
 * on a global store from outside the topology. On a plain store in a builder for timestamped stores the query fails, as
 * a {@code RangeQuery} does.
 *
 * <p>Immutable and thread-safe.
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

    /** Queries the keys from {@code lower} to {@code upper}, both inclusive; null means unbounded. */
    public static <K> VLogKeysQuery<K> withRange(@Nullable K lower, @Nullable K upper, Serde<K> keySerde) {
        return new VLogKeysQuery<>(lower, upper, null, ResultOrder.ANY, keySerde);
    }

    /** Queries the keys from {@code lower} on, inclusive. */
    public static <K> VLogKeysQuery<K> withLowerBound(K lower, Serde<K> keySerde) {
        return withRange(Objects.requireNonNull(lower, "lower cannot be null"), null, keySerde);
    }

    /** Queries the keys up to {@code upper}, inclusive. */
    public static <K> VLogKeysQuery<K> withUpperBound(K upper, Serde<K> keySerde) {
        return withRange(null, Objects.requireNonNull(upper, "upper cannot be null"), keySerde);
    }

    /** Queries all keys. */
    public static <K> VLogKeysQuery<K> withNoBounds(Serde<K> keySerde) {
        return withRange(null, null, keySerde);
    }

    /**
     * Queries the keys whose bytes start with those of the prefix, as in {@link KeyValueStore#prefixScan}.
     *
     * @param prefixSerializer serializes the prefix immediately; as in Kafka's stores, its topic is null
     */
    @SuppressWarnings("NullAway") // Kafka's raw stores serialize prefixes without a topic
    public static <P, K> VLogKeysQuery<K> withPrefix(P prefix, Serializer<P> prefixSerializer, Serde<K> keySerde) {
        Objects.requireNonNull(prefix, "prefix cannot be null");
        byte[] bytes = prefixSerializer.serialize(null, prefix);
        return new VLogKeysQuery<>(null, null, bytes, ResultOrder.ANY, keySerde);
    }

    /** Returns the same query in ascending order of the serialized keys, which is also the default. */
    public VLogKeysQuery<K> withAscendingKeys() {
        return new VLogKeysQuery<>(lower, upper, prefix, ResultOrder.ASCENDING, keySerde);
    }

    /** Returns the same query in descending order of the serialized keys. */
    public VLogKeysQuery<K> withDescendingKeys() {
        return new VLogKeysQuery<>(lower, upper, prefix, ResultOrder.DESCENDING, keySerde);
    }

    /** Returns the lower bound, inclusive, if there is one. */
    public Optional<K> getLowerBound() {
        return Optional.ofNullable(lower);
    }

    /** Returns the upper bound, inclusive, if there is one. */
    public Optional<K> getUpperBound() {
        return Optional.ofNullable(upper);
    }

    /** Returns the bytes that the keys start with, if the query has a prefix. */
    public Optional<byte[]> getPrefix() {
        return prefix == null ? Optional.empty() : Optional.of(prefix.clone());
    }

    /** Returns the order of the keys. */
    public ResultOrder resultOrder() {
        return order;
    }

    /** Returns the serde that serializes the bounds and deserializes the keys. */
    public Serde<K> keySerde() {
        return keySerde;
    }
}
