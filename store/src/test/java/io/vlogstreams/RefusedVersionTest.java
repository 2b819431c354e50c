/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.condition.EnabledIf;

/** The messages for a Kafka Streams that is too old. Runs with such versions, too. */
class RefusedVersionTest {

    @Test
    @DisabledIf(KafkaOnClassPath.IS_40)
    void aVersionBefore40IsRefusedWhereverOneBegins() {
        assertRefused(() -> VLogStores.persistentKeyValueStore("a"), "4.0");
        assertRefused(() -> VLogStores.persistentTimestampedKeyValueStore("a", VLogConfig.defaults()), "4.0");
        assertRefused(() -> VLogStores.persistentTimestampedKeyValueStoreWithHeaders("a"), "4.0");
        assertRefused(VLogDslStoreSuppliers::new, "4.0");
        assertRefused(VLogKafkaClientSupplier::new, "4.0");
        assertRefused(() -> new VLogKafkaClientSupplier(new VLogKafkaClientSupplier()), "4.0");
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_40)
    @DisabledIf(KafkaOnClassPath.IS_43)
    void headersAreRefusedBefore43() {
        assertRefused(() -> VLogStores.persistentTimestampedKeyValueStoreWithHeaders("a"), "4.3");
        assertRefused(() -> new VLogDslStoreSuppliers().configure(Map.of("dsl.store.format", "HEADERS")), "4.3");
    }

    /** Checks that the message names the version needed, the version found, and a solution. */
    private static void assertRefused(ThrowingCallable use, String needed) {
        assertThatExceptionOfType(UnsupportedVersionException.class)
                .isThrownBy(use)
                .withMessageContaining("Kafka Streams " + needed + " or later")
                .withMessageContaining("on the class path is " + System.getProperty("kafka.expected") + ". ")
                .withMessageContaining("Put it there");
    }
}
