/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Measures in the child the throughput, the time of each commit of a store, during which nothing is processed, and the
 * peak memory of uncommitted writes. Prints the figures after a given number of records. For one stream thread.
 */
final class CommitWatch {

    /** The property with that number of records. */
    static final String RECORDS = "test.watched.records";

    private final long records;

    /** Found by name, because the version that this is compiled with lacks it. */
    private final Method uncommittedBytes;

    private final List<StateStore> stores = new ArrayList<>();
    private final Histogram commitNanos = new Histogram(3);
    private long processed;
    private long firstNanos;
    private long mostUncommittedBytes;

    private CommitWatch(long records) {
        this.records = records;
        try {
            uncommittedBytes = StateStore.class.getMethod("approximateNumUncommittedBytes");
        } catch (NoSuchMethodException e) {
            throw new LinkageError("no store of Kafka 4.4", e);
        }
    }

    /** Returns the supplier, and watches its stores if the properties ask for it. */
    static KeyValueBytesStoreSupplier watched(KeyValueBytesStoreSupplier supplier, Properties properties) {
        String records = properties.getProperty(RECORDS);
        return records == null ? supplier : new CommitWatch(Long.parseLong(records)).watching(supplier);
    }

    private KeyValueBytesStoreSupplier watching(KeyValueBytesStoreSupplier supplier) {
        return new KeyValueBytesStoreSupplier() {
            @Override
            public String name() {
                return supplier.name();
            }

            @Override
            public String metricsScope() {
                return supplier.metricsScope();
            }

            @Override
            public KeyValueStore<Bytes, byte[]> get() {
                return watching(supplier.get());
            }
        };
    }

    /** Returns a proxy with all interfaces of the store, because Kafka Streams checks them. */
    @SuppressWarnings("unchecked")
    private KeyValueStore<Bytes, byte[]> watching(KeyValueStore<Bytes, byte[]> store) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            long start = System.nanoTime();
            try {
                return method.invoke(store, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            } finally {
                called(store, method.getName(), System.nanoTime() - start);
            }
        };
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        for (Class<?> type = store.getClass(); type != null; type = type.getSuperclass()) {
            interfaces.addAll(List.of(type.getInterfaces()));
        }
        return (KeyValueStore<Bytes, byte[]>)
                Proxy.newProxyInstance(store.getClass().getClassLoader(), interfaces.toArray(Class<?>[]::new), handler);
    }

    private void called(StateStore store, String method, long nanos) throws ReflectiveOperationException {
        switch (method) {
            case "init" -> stores.add(store);
            case "commit" -> commitNanos.recordValue(nanos);
            case "put" -> processed();
            default -> {}
        }
    }

    private void processed() throws ReflectiveOperationException {
        long now = System.nanoTime();
        if (processed == 0) {
            firstNanos = now;
        }
        long uncommitted = 0;
        for (StateStore store : stores) {
            uncommitted += (Long) uncommittedBytes.invoke(store);
        }
        mostUncommittedBytes = Math.max(mostUncommittedBytes, uncommitted);
        processed++;
        if (processed == records) {
            StartReport.line("watched " + (now - firstNanos) + " " + commitNanos.getTotalCount() + " "
                    + commitNanos.getValueAtPercentile(50) + " " + commitNanos.getValueAtPercentile(99) + " "
                    + mostUncommittedBytes);
        }
    }
}
