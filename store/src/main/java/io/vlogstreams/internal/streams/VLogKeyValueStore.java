/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogConfig;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The key-value store that Kafka Streams uses. It can be opened and closed repeatedly. While it is open it delegates to
 * an {@link OpenStore}, which describes the use of threads.
 */
class VLogKeyValueStore implements KeyValueStore<Bytes, byte[]> {

    private final String name;
    private final ValueFormat format;
    private final VLogConfig config;

    private volatile @Nullable OpenStore open;
    private volatile Position lastPosition = Position.emptyPosition();

    /** The schedule that wakes the cleanup while the task processes, or null. */
    private final AtomicReference<@Nullable Object> cleanup = new AtomicReference<>();

    VLogKeyValueStore(String name, ValueFormat format, VLogConfig config) {
        this.name = name;
        this.format = format;
        this.config = config;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean persistent() {
        return true;
    }

    @Override
    public boolean isOpen() {
        return open != null;
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // Kafka's deprecation, not ours
    public boolean managesOffsets() {
        return true;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        NamedInVain.PROCESSOR_WRAPPER.warnIfNotUsed(context.appConfigs());
        // The consumers of global stores are in no group, so their application is unknown.
        if (!Guarantee.isGlobal(context.taskId())) {
            NamedInVain.CLIENT_SUPPLIER.warnIfNotUsed(context.appConfigs());
        }
        OpenStore opened = OpenStore.open(name, format, config.forStore(name, context.appConfigs()), context);
        use(opened);
        OpenStores.add(opened.taskFolder(), this);
        try {
            context.register(
                    root, KafkaInternals.restoreCallback(records -> openStore().restore(records)));
            if (opened.offsets().areOutside(TopicRanges.learned())) {
                use(opened.reopenEmpty(format));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void use(OpenStore opened) {
        lastPosition = opened.position();
        open = opened;
    }

    @Override
    public void put(Bytes key, byte @Nullable [] value) {
        Objects.requireNonNull(key, "key cannot be null");
        openStore().write("putting into", engine -> {
            engine.put(key.get(), value);
            return null;
        });
    }

    @Override
    public byte @Nullable [] putIfAbsent(Bytes key, byte @Nullable [] value) {
        Objects.requireNonNull(key, "key cannot be null");
        return openStore().write("putting into", engine -> {
            byte[] present = engine.get(key.get());
            if (present == null && value != null) {
                engine.put(key.get(), value);
            }
            return present;
        });
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        // Checked first: with a null key in the middle, none of the entries must be written.
        entries.forEach(entry -> Objects.requireNonNull(entry.key, "key cannot be null"));
        openStore().write("putting into", engine -> {
            for (KeyValue<Bytes, byte[]> entry : entries) {
                engine.put(entry.key.get(), entry.value);
            }
            return null;
        });
    }

    @Override
    public byte @Nullable [] delete(Bytes key) {
        Objects.requireNonNull(key, "key cannot be null");
        return openStore().write("deleting from", engine -> {
            byte[] old = engine.get(key.get());
            engine.put(key.get(), null);
            return old;
        });
    }

    @Override
    public byte @Nullable [] get(Bytes key) {
        return openStore().reads().get(key);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(@Nullable Bytes from, @Nullable Bytes to) {
        return openStore().reads().range(from, to);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> reverseRange(@Nullable Bytes from, @Nullable Bytes to) {
        return openStore().reads().reverseRange(from, to);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        return openStore().reads().all();
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> reverseAll() {
        return openStore().reads().reverseAll();
    }

    @Override
    public <PS extends Serializer<P>, P> KeyValueIterator<Bytes, byte[]> prefixScan(P prefix, PS prefixKeySerializer) {
        return openStore().reads().prefixScan(prefix, prefixKeySerializer);
    }

    @Override
    public long approximateNumEntries() {
        return openStore().reads().approximateNumEntries();
    }

    /** Called by Kafka 4.4 for each interactive query. */
    @Override
    public ReadOnlyKeyValueStore<Bytes, byte[]> readOnly(IsolationLevel isolationLevel) {
        Objects.requireNonNull(isolationLevel, "isolationLevel cannot be null");
        return openStore().reads(isolationLevel);
    }

    @Override
    public <R> QueryResult<R> query(Query<R> query, PositionBound positionBound, QueryConfig queryConfig) {
        return StoreQueries.answer(query, positionBound, queryConfig, this, openStore());
    }

    /** Returns the same object from the time when Streams asks for offsets, after {@code init}, until {@code close}. */
    @Override
    public Position getPosition() {
        return lastPosition;
    }

    @Override
    public @Nullable Long committedOffset(TopicPartition partition) {
        OpenStore store = openStore();
        if (store.offsets().areOfAnother(partition)) {
            use(store.reopenEmpty(format));
        }
        return openStore().changelogOffset(partition);
    }

    /** After {@link #close()} this does nothing, as with Kafka's own store. */
    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        OpenStore store = open;
        if (store != null) {
            store.commit(changelogOffsets);
        }
    }

    /** Commits before Kafka Streams 4.3. Since 4.3 Streams calls {@link #commit}, and this does nothing. */
    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // Kafka's deprecation, not ours
    public void flush() {
        OpenStore store = open;
        if (store != null && !RuntimeFeatures.storesKeepOffsets()) {
            store.flush();
        }
    }

    /**
     * Kafka 4.4 commits early when the sum for all stores of a thread exceeds {@code statestore.uncommitted.max.bytes},
     * even if they are not transactional. Called frequently, by any thread.
     */
    @Override
    public long approximateNumUncommittedBytes() {
        OpenStore store = open;
        return store == null ? 0 : store.uncommittedBytes();
    }

    /** Wakes the cleanup, on the thread of the task; does nothing if the store is closed. */
    void cleanUp() {
        OpenStore store = open;
        if (store != null) {
            store.cleanUp();
        }
    }

    /** Makes this the schedule of the cleanup until it leaves or the store is closed; false if there is another. */
    boolean takeCleanup(Object trigger) {
        return cleanup.compareAndSet(null, trigger);
    }

    void leaveCleanup(Object trigger) {
        cleanup.compareAndSet(trigger, null);
    }

    /** Returns the options in force. */
    VLogConfig config() {
        return openStore().config();
    }

    /** Idempotent. Any thread. */
    @Override
    public synchronized void close() {
        OpenStore store = open;
        if (store != null) {
            open = null;
            OpenStores.remove(store.taskFolder(), this);
            cleanup.set(null);
            store.close();
        }
    }

    private OpenStore openStore() {
        OpenStore store = open;
        if (store == null) {
            throw new InvalidStateStoreException("Store " + name + " is currently closed");
        }
        return store;
    }
}
