/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.streams.processor.StateStore;

/**
 * The features of the Kafka Streams on the class path. The store may run on an older version than the one it is
 * compiled against. Code that needs a feature which older versions lack asks this class first, which looks up a method
 * or class once.
 *
 * <p>This class loads with every version of Kafka Streams, so that it can refuse one. Thread-safe.
 */
public final class RuntimeFeatures {

    private static final ClassLoader KAFKA = StateStore.class.getClassLoader();

    private static final String HEADERS_SINCE = "4.3";
    private static final String SUPPORTED_SINCE = "4.0";

    private static final boolean SUPPORTED = hasClass("org.apache.kafka.streams.processor.api.ProcessorWrapper");

    private static final boolean STORES_KEEP_OFFSETS = hasMethod(StateStore.class, "commit", Map.class);

    private static final boolean HEADERS = hasClass("org.apache.kafka.streams.state.HeadersBytesStore");

    private static final boolean TRANSACTIONAL_STORES = hasMethod(StateStore.class, "approximateNumUncommittedBytes");

    private RuntimeFeatures() {}

    /**
     * Throws if Kafka Streams is too old for VLog stores.
     *
     * @throws UnsupportedVersionException if it is older than 4.0
     */
    public static void requireSupported() {
        require(
                SUPPORTED,
                "VLog stores need",
                SUPPORTED_SINCE,
                "Put it there with the kafka-clients and rocksdbjni that it brings. A framework that manages the version of"
                        + " Kafka has to be told: Spring Boot by the property kafka.version of the build; Quarkus by"
                        + " versions of its own for kafka-streams, kafka-clients and rocksdbjni.");
    }

    /**
     * Throws if Kafka Streams is too old for stores with headers.
     *
     * @throws UnsupportedVersionException if it is older than 4.3
     */
    public static void requireHeaders() {
        requireSupported();
        require(
                HEADERS,
                "Stores with headers need",
                HEADERS_SINCE,
                "Put it there, or use timestamped stores, which keep no headers: persistentTimestampedKeyValueStore in"
                        + " VLogStores, and no dsl.store.format=HEADERS in the properties.");
    }

    /** Returns whether stores keep the offsets of their changelogs (4.3). Before, Streams has checkpoint files. */
    static boolean storesKeepOffsets() {
        return STORES_KEEP_OFFSETS;
    }

    /** Returns whether Streams supports stores with headers (4.3). */
    public static boolean hasHeaders() {
        return HEADERS;
    }

    /** Returns whether Streams supports transactional stores, isolation levels and uncommitted bytes (4.4). */
    static boolean hasTransactionalStores() {
        return TRANSACTIONAL_STORES;
    }

    /** Returns the version on the class path, for messages. */
    public static String version() {
        Properties properties = new Properties();
        try (InputStream stream = StateStore.class.getResourceAsStream("/kafka/kafka-streams-version.properties")) {
            if (stream != null) {
                properties.load(stream);
            }
        } catch (IOException e) {
            return "of an unreadable version (" + e + ")";
        }
        return properties.getProperty("version", "of an unknown version").trim();
    }

    private static void require(boolean fulfilled, String need, String since, String whatToDo) {
        if (!fulfilled) {
            throw new UnsupportedVersionException(need + " Kafka Streams " + since
                    + " or later, but that on the class path is " + version() + ". " + whatToDo);
        }
    }

    private static boolean hasClass(String name) {
        try {
            Class.forName(name, false, KAFKA);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static boolean hasMethod(Class<?> type, String name, Class<?>... parameters) {
        try {
            type.getMethod(name, parameters);
            return true;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }
}
