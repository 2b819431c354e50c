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
 * What the Kafka Streams on the class path can do. The store is compiled against a newer one than it may run on, so
 * whatever an older one lacks is asked for here first, by looking up a method or class once.
 *
 * <p>This class loads with every version of Kafka Streams, so that it can refuse one. Any thread.
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
     * Refuses a Kafka Streams that is too old for any VLog store.
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
     * Refuses a Kafka Streams that does not know stores with headers, or no VLog store at all.
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

    /**
     * Whether stores know the offsets of their changelogs: since 4.3. Before, Streams keeps them in checkpoint files.
     */
    static boolean storesKeepOffsets() {
        return STORES_KEEP_OFFSETS;
    }

    /** Whether Streams knows stores with headers: since 4.3. */
    public static boolean hasHeaders() {
        return HEADERS;
    }

    /** Whether Streams knows transactional stores, isolation levels of queries and uncommitted bytes: since 4.4. */
    static boolean hasTransactionalStores() {
        return TRANSACTIONAL_STORES;
    }

    /** The version on the class path, for messages. */
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
