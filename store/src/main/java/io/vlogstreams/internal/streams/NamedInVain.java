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
 * A class of ours that the properties of an application name and that Kafka Streams can pass over silently. It
 * remembers the applications of this process that use it, so that a store can tell the others.
 *
 * <p>Thread-safe.
 */
public final class NamedInVain {

    /**
     * Kafka Streams takes the wrapper from the config that a topology is built with and passes over it in the
     * properties that the topology runs with.
     */
    public static final NamedInVain PROCESSOR_WRAPPER = new NamedInVain(
            StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG,
            "the topology was built without it. Give the properties to the builder as well: new StreamsBuilder(new"
                    + " TopologyConfig(new StreamsConfig(properties)))");

    /**
     * Kafka Streams passes over the supplier when its constructor is given another, and Spring always gives one. The
     * thread of a store hears of no transaction then, and nobody compares the store with its changelog.
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

    /** An application uses it. */
    public void usedBy(@Nullable Object application) {
        if (application != null) {
            applications.add(application);
        }
    }

    /** Warns once of an application whose properties name it though it does not use it. */
    boolean warnIfNotUsed(Map<String, ?> streamsProperties) {
        Object application = streamsProperties.get(StreamsConfig.APPLICATION_ID_CONFIG);
        boolean inVain =
                application != null && isOurs(streamsProperties.get(property)) && applications.add(application);
        if (inVain) {
            LOG.warn("{} of {} has no effect: {}", property, application, reason);
        }
        return inVain;
    }

    /** Whether a class of the public package is named, as a class or, in a file of properties, by its name. */
    private static boolean isOurs(@Nullable Object named) {
        String name = named instanceof Class<?> type
                ? type.getName()
                : String.valueOf(named).trim();
        return name.lastIndexOf('.') >= 0
                && name.substring(0, name.lastIndexOf('.')).equals(VLogConfig.class.getPackageName());
    }
}
