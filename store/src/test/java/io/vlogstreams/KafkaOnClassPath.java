/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import java.util.Map;
import org.apache.kafka.streams.processor.StateStore;

/**
 * The version of Kafka Streams that the tests run with; the same classes run with several. For {@code @EnabledIf} on
 * tests of features that older versions lack. Types of newer versions must not appear in the signature of a method or
 * lambda of a test class, because JUnit inspects all of them.
 */
public final class KafkaOnClassPath {

    public static final String IS_40 = "io.vlogstreams.KafkaOnClassPath#is40";
    public static final String IS_43 = "io.vlogstreams.KafkaOnClassPath#is43";
    public static final String IS_44 = "io.vlogstreams.KafkaOnClassPath#is44";

    private KafkaOnClassPath() {}

    /** 4.0 or later, which VLog stores need. */
    public static boolean is40() {
        try {
            Class.forName("org.apache.kafka.streams.processor.api.ProcessorWrapper");
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** 4.3 or later: stores keep offsets, and there are stores with headers. */
    public static boolean is43() {
        return storesHave("managesOffsets");
    }

    /** 4.4 or later: stores can be transactional. */
    public static boolean is44() {
        return storesHave("approximateNumUncommittedBytes");
    }

    /** Commits without offsets, in the way of this version. */
    @SuppressWarnings("deprecation") // older versions call it
    public static void commit(StateStore store) {
        if (is43()) {
            store.commit(Map.of());
        } else {
            store.flush();
        }
    }

    private static boolean storesHave(String method) {
        try {
            StateStore.class.getMethod(method);
            return true;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }
}
