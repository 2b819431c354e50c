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
 * A key-value store as Kafka Streams sees it. It can be opened and closed again and again; what it is while it is open
 * is an {@link OpenStore}, and threads are as described there.
 */
class VLogKeyValueStore implements KeyValueStore<Bytes, byte[]> {

    private final String name;
    private final ValueFormat format;
    private final VLogConfig config;

    private volatile @Nullable OpenStore open;
    private volatile Position lastPosition = Position.emptyPosition();

    /** What triggers the cleanup while the task processes: one of its processors, or null. */
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
        // The consumers of global stores are in no group, which tells whose they are.
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
        // Checked first: a null key in the middle must not leave half of the entries behind.
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

    /** One and the same from the time when Streams asks for offsets, after {@code init}, to {@code close}. */
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

    /** After {@link #close()} there is nothing to commit, so nothing happens, as with Kafka's own store. */
    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        OpenStore store = open;
        if (store != null) {
            store.commit(changelogOffsets);
        }
    }

    /** Before Kafka Streams 4.3 it commits in this way; since then {@link #commit} is called, and this does nothing. */
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
     * Kafka 4.4 commits early when all stores of a thread have more of this than {@code
     * statestore.uncommitted.max.bytes}, also if they are not transactional. Asked all the time, by any thread.
     */
    @Override
    public long approximateNumUncommittedBytes() {
        OpenStore store = open;
        return store == null ? 0 : store.uncommittedBytes();
    }

    /** Cleans up, on the thread of the task; does nothing if the store is closed. */
    void cleanUp() {
        OpenStore store = open;
        if (store != null) {
            store.cleanUp();
        }
    }

    /** Lets one trigger the cleanup until it leaves it or the store is closed; false if another does already. */
    boolean takeCleanup(Object trigger) {
        return cleanup.compareAndSet(null, trigger);
    }

    void leaveCleanup(Object trigger) {
        cleanup.compareAndSet(trigger, null);
    }

    /** The options in force. */
    VLogConfig config() {
        return openStore().config();
    }

    /** From any thread, and again and again. */
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
