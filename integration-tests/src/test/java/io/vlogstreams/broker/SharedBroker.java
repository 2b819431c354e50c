/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Passes the broker to every {@link BrokerTest}. It is started once and closed by JUnit after the last test. */
final class SharedBroker implements BeforeEachCallback {

    @Override
    public void beforeEach(ExtensionContext context) {
        BrokerTest test = (BrokerTest) context.getRequiredTestInstance();
        test.broker = context.getRoot()
                .getStore(Namespace.GLOBAL)
                .computeIfAbsent(Broker.class, key -> Broker.start(), Broker.class);
    }
}
