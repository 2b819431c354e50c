/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogKeyIterator;
import io.vlogstreams.VLogKeysQuery;
import io.vlogstreams.internal.index.KeyRange;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.ResultOrder;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads of an open store, which see all writes or only committed ones. Thread-safe. */
final class StoreReads implements ReadOnlyKeyValueStore<Bytes, byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(StoreReads.class);

    private final OpenStore store;
    private final boolean committedOnly;

    StoreReads(OpenStore store, boolean committedOnly) {
        this.store = store;
        this.committedOnly = committedOnly;
    }

    /** Returns a position that these reads have reached. */
    Position position() {
        return committedOnly ? store.committedPosition() : store.position().copy();
    }

    @Override
    public byte @Nullable [] get(Bytes key) {
        Objects.requireNonNull(key, "key cannot be null");
        return store.read(
                "getting from", engine -> committedOnly ? engine.getCommitted(key.get()) : engine.get(key.get()));
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(@Nullable Bytes from, @Nullable Bytes to) {
        return range(from, to, true);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> reverseRange(@Nullable Bytes from, @Nullable Bytes to) {
        return range(from, to, false);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        return iterate(KeyRange.ALL, true);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> reverseAll() {
        return iterate(KeyRange.ALL, false);
    }

    @Override
    public <PS extends Serializer<P>, P> KeyValueIterator<Bytes, byte[]> prefixScan(P prefix, PS prefixKeySerializer) {
        Objects.requireNonNull(prefix, "prefix cannot be null");
        Objects.requireNonNull(prefixKeySerializer, "prefixKeySerializer cannot be null");
        return iterate(KeyRange.prefix(serialize(prefix, prefixKeySerializer)), true);
    }

    @Override
    public long approximateNumEntries() {
        return Objects.requireNonNull(store.read("asking for the size of", engine -> engine.approximateEntries()));
    }

    @SuppressWarnings("NullAway") // Kafka's raw stores serialize prefixes without a topic
    private static <P> byte[] serialize(P prefix, Serializer<P> serializer) {
        return serializer.serialize(null, prefix);
    }

    private KeyValueIterator<Bytes, byte[]> range(@Nullable Bytes from, @Nullable Bytes to, boolean ascending) {
        byte[] first = bytesOf(from);
        byte[] last = bytesOf(to);
        return isReversed(first, last) ? new EmptyIterator() : iterate(KeyRange.closed(first, last), ascending);
    }

    private KeyValueIterator<Bytes, byte[]> iterate(KeyRange range, boolean ascending) {
        return store.open((engine, errors, whenClosed) -> new StoreIterator(
                errors,
                committedOnly ? engine.scanCommitted(range, ascending) : engine.scan(range, ascending),
                whenClosed));
    }

    /** Returns the keys alone, without any layer of Kafka Streams, because the query has its own serde. */
    <K> VLogKeyIterator<K> keys(VLogKeysQuery<K> query) {
        String topic = store.serdeTopic();
        Deserializer<K> deserializer = query.keySerde().deserializer();
        KeyRange range = rangeOf(query, topic);
        boolean ascending = query.resultOrder() != ResultOrder.DESCENDING;
        return store.open((engine, errors, whenClosed) -> new StoreKeyIterator<K>(
                errors,
                committedOnly ? engine.scanKeysCommitted(range, ascending) : engine.scanKeys(range, ascending),
                key -> deserializer.deserialize(topic, key),
                whenClosed));
    }

    private static <K> KeyRange rangeOf(VLogKeysQuery<K> query, String topic) {
        if (query.getPrefix().isPresent()) {
            return KeyRange.prefix(query.getPrefix().get());
        }
        Serializer<K> serializer = query.keySerde().serializer();
        byte[] first = serialize(query.getLowerBound(), topic, serializer);
        byte[] last = serialize(query.getUpperBound(), topic, serializer);
        return isReversed(first, last) ? new KeyRange(first, first) : KeyRange.closed(first, last);
    }

    private static <K> byte @Nullable [] serialize(Optional<K> key, String topic, Serializer<K> serializer) {
        return key.isPresent() ? serializer.serialize(topic, key.get()) : null;
    }

    /** Returns whether the range is reversed and thus empty, with a warning, as Kafka's own stores do. */
    private static boolean isReversed(byte @Nullable [] from, byte @Nullable [] to) {
        boolean reversed = from != null && to != null && Arrays.compareUnsigned(from, to) > 0;
        if (reversed) {
            LOG.warn("Returning empty iterator for fetch with invalid key range: from > to. "
                    + "This may be due to range arguments set in the wrong order, "
                    + "or serdes that don't preserve ordering when lexicographically comparing the serialized bytes. "
                    + "Note that the built-in numerical serdes do not follow this for negative numbers");
        }
        return reversed;
    }

    private static byte @Nullable [] bytesOf(@Nullable Bytes key) {
        return key == null ? null : key.get();
    }
}
