/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogConfig;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A class of this library that the properties of an application name but that Kafka Streams may silently ignore. It
 * keeps track of the applications of this process that use the class, so that a store can warn in the others.
 *
 * <p>Thread-safe.
 */
public final class NamedInVain {

    /**
     * Kafka Streams reads the wrapper from the config that a topology is built with and ignores it in the properties
     * that the topology runs with.
     */
    public static final NamedInVain PROCESSOR_WRAPPER = new NamedInVain(
            StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG,
            "the topology was built without it. Give the properties to the builder as well: new StreamsBuilder(new"
                    + " TopologyConfig(new StreamsConfig(properties)))");

    /**
     * Kafka Streams ignores the supplier when another one is passed to its constructor, as Spring always does. Then
     * stores are not told about transactions, and are not compared with their changelogs.
     */
    public static final NamedInVain CLIENT_SUPPLIER = new NamedInVain(
            StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG,
            "another client supplier was given to the constructor of KafkaStreams, as Spring does. VLog stores hear of"
                    + " no transactions: under exactly-once they are wiped after a crash, unless they are transactional."
                    + " Give a VLogKafkaClientSupplier to the constructor, with Spring to"
                    + " StreamsBuilderFactoryBean.setClientSupplier");

    private static final Logger LOG = LoggerFactory.getLogger(NamedInVain.class);

    private final String property;
    private final String reason;
    private final Set<Object> applications = ConcurrentHashMap.newKeySet();

    private NamedInVain(String property, String reason) {
        this.property = property;
        this.reason = reason;
    }

    /** Records that an application uses the class. */
    public void usedBy(@Nullable Object application) {
        if (application != null) {
            applications.add(application);
        }
    }

    /** Logs a warning, once, if the properties of an application name the class but the application does not use it. */
    boolean warnIfNotUsed(Map<String, ?> streamsProperties) {
        Object application = streamsProperties.get(StreamsConfig.APPLICATION_ID_CONFIG);
        boolean inVain =
                application != null && isOurs(streamsProperties.get(property)) && applications.add(application);
        if (inVain) {
            LOG.warn("{} of {} has no effect: {}", property, application, reason);
        }
        return inVain;
    }

    /** Returns whether the property is a class of the public package, or the name of one. */
    private static boolean isOurs(@Nullable Object named) {
        String name = named instanceof Class<?> type
                ? type.getName()
                : String.valueOf(named).trim();
        return name.lastIndexOf('.') >= 0
                && name.substring(0, name.lastIndexOf('.')).equals(VLogConfig.class.getPackageName());
    }
}
