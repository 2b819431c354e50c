/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kafkatests;

import static org.apache.kafka.streams.state.internals.WrappedStateStore.isHeadersAware;
import static org.apache.kafka.streams.state.internals.WrappedStateStore.isTimestamped;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.apache.kafka.streams.processor.internals.StateRestoreCallbackAdapter;
import org.apache.kafka.streams.state.internals.RecordConverter;
import org.apache.kafka.streams.state.internals.RecordConverters;

/**
 * Wraps Kafka's mock context so that it restores like a real one. A changelog holds bare values, and the state manager
 * prepends the timestamp, or the timestamp and the headers, depending on the marker interface of the store.
 *
 * <p>The mock passes records on unchanged. A timestamped store would then read the first eight bytes of a value as its
 * timestamp.
 */
final class ConvertingRestoreContext {
    private ConvertingRestoreContext() {}

    /** Creates a proxy, because Kafka needs the whole internal interface of a context and this changes one method. */
    static StateStoreContext around(StateStoreContext mock) {
        return (StateStoreContext) Proxy.newProxyInstance(
                ConvertingRestoreContext.class.getClassLoader(),
                new Class<?>[] {InternalProcessorContext.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("register")) {
                        arguments[1] = converting((StateStore) arguments[0], (StateRestoreCallback) arguments[1]);
                    }
                    try {
                        return method.invoke(mock, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static RecordBatchingStateRestoreCallback converting(StateStore store, StateRestoreCallback callback) {
        RecordConverter converter = converterFor(store);
        RecordBatchingStateRestoreCallback batches = StateRestoreCallbackAdapter.adapt(callback);
        return records ->
                batches.restoreBatch(records.stream().map(converter::convert).toList());
    }

    private static RecordConverter converterFor(StateStore store) {
        if (isHeadersAware(store)) {
            return RecordConverters.rawValueToHeadersValue();
        }
        return isTimestamped(store) ? RecordConverters.rawValueToTimestampedValue() : RecordConverters.identity();
    }
}
