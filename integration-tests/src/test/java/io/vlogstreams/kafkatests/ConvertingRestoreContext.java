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
 * Kafka's mock context, made to restore as a real one does: a changelog holds bare values, and the state manager puts
 * the timestamp, or the timestamp and the headers, in front of them, by the marker the store carries.
 *
 * <p>The mock hands records over as they are. A timestamped store would then read the first eight bytes of a value as
 * its timestamp.
 */
final class ConvertingRestoreContext {
    private ConvertingRestoreContext() {}

    /** A proxy, because Kafka asks a context for its whole internal interface and we change one method of it. */
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
