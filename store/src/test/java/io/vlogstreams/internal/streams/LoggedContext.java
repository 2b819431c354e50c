/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.FakeStateStoreContext;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;

/** A context that names the changelog of a store, like that of Kafka Streams and unlike a mock. */
final class LoggedContext {

    private LoggedContext() {}

    static StateStoreContext of(FakeStateStoreContext context, String changelog) {
        return (StateStoreContext) Proxy.newProxyInstance(
                LoggedContext.class.getClassLoader(),
                new Class<?>[] {InternalProcessorContext.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("changelogFor")) {
                        return changelog;
                    }
                    if (method.getName().equals("commit")) {
                        context.requestCommit();
                        return null;
                    }
                    try {
                        return FakeStateStoreContext.class
                                .getMethod(method.getName(), method.getParameterTypes())
                                .invoke(context, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
