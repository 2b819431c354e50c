/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kafkatests;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Presents a store whose values carry a timestamp, or a timestamp and headers, as a store of the values alone.
 *
 * <p>Kafka's {@code AbstractKeyValueStoreTest} puts and expects bare values. Through this view it exercises the same
 * stack as a DSL operator: metering, caching and change logging of the wrapped type, and our store below.
 *
 * @param <K> the type of keys
 * @param <V> the type of bare values
 * @param <W> the type of values with timestamp or headers
 */
final class BareValueStore<K, V, W> implements KeyValueStore<K, V> {
    private final KeyValueStore<K, W> store;
    private final Function<V, W> wrap;
    private final Function<W, V> unwrap;

    /** Both functions must return null for null. */
    BareValueStore(KeyValueStore<K, W> store, Function<V, W> wrap, Function<W, V> unwrap) {
        this.store = store;
        this.wrap = wrap;
        this.unwrap = unwrap;
    }

    @Override
    public V get(K key) {
        return unwrap.apply(store.get(key));
    }

    @Override
    public void put(K key, V value) {
        store.put(key, wrap.apply(value));
    }

    @Override
    public V putIfAbsent(K key, V value) {
        return unwrap.apply(store.putIfAbsent(key, wrap.apply(value)));
    }

    @Override
    public void putAll(List<KeyValue<K, V>> entries) {
        store.putAll(entries.stream()
                .map(entry -> KeyValue.pair(entry.key, wrap.apply(entry.value)))
                .toList());
    }

    @Override
    public V delete(K key) {
        return unwrap.apply(store.delete(key));
    }

    @Override
    public KeyValueIterator<K, V> range(K from, K to) {
        return bare(store.range(from, to));
    }

    @Override
    public KeyValueIterator<K, V> reverseRange(K from, K to) {
        return bare(store.reverseRange(from, to));
    }

    @Override
    public KeyValueIterator<K, V> all() {
        return bare(store.all());
    }

    @Override
    public KeyValueIterator<K, V> reverseAll() {
        return bare(store.reverseAll());
    }

    @Override
    public <PS extends Serializer<P>, P> KeyValueIterator<K, V> prefixScan(P prefix, PS prefixKeySerializer) {
        return bare(store.prefixScan(prefix, prefixKeySerializer));
    }

    @Override
    public long approximateNumEntries() {
        return store.approximateNumEntries();
    }

    @Override
    public String name() {
        return store.name();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        store.init(context, root);
    }

    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        store.commit(changelogOffsets);
    }

    @Override
    public Long committedOffset(TopicPartition partition) {
        return store.committedOffset(partition);
    }

    @Override
    public void close() {
        store.close();
    }

    @Override
    public boolean persistent() {
        return store.persistent();
    }

    @Override
    public boolean isOpen() {
        return store.isOpen();
    }

    @Override
    public Position getPosition() {
        return store.getPosition();
    }

    private KeyValueIterator<K, V> bare(KeyValueIterator<K, W> entries) {
        return new KeyValueIterator<>() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public KeyValue<K, V> next() {
                KeyValue<K, W> entry = entries.next();
                return KeyValue.pair(entry.key, unwrap.apply(entry.value));
            }

            @Override
            public K peekNextKey() {
                return entries.peekNextKey();
            }

            @Override
            public void close() {
                entries.close();
            }
        };
    }
}
