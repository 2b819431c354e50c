/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The applications of this process whose clients come from our client supplier.
 *
 * <p>Kafka Streams passes over {@code default.client.supplier}, silently, when its constructor is given a supplier, and
 * Spring always gives one. This is how a store can tell that the supplier was asked for in vain: its thread hears of no
 * transaction then, and nobody compares it with its changelog.
 *
 * <p>Thread-safe.
 */
public final class SuppliedApplications {

    private static final Logger LOG = LoggerFactory.getLogger(SuppliedApplications.class);

    private static final Set<Object> APPLICATIONS = ConcurrentHashMap.newKeySet();

    private SuppliedApplications() {}

    /** Takes down that the supplier makes a consumer for an application: its group is named like the application. */
    public static void add(Map<String, ?> consumerConfig) {
        Object application = consumerConfig.get(ConsumerConfig.GROUP_ID_CONFIG);
        if (application != null) {
            APPLICATIONS.add(application);
        }
    }

    /**
     * Warns once of an application whose properties name the supplier though its clients come from another. Called for
     * the stores of tasks: for these there is a consumer with a group, which was made before.
     */
    static boolean warnIfMissing(Map<String, ?> streamsProperties) {
        Object application = streamsProperties.get(StreamsConfig.APPLICATION_ID_CONFIG);
        boolean missing = application != null
                && NamedClass.isOurs(streamsProperties, StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG)
                && APPLICATIONS.add(application);
        if (missing) {
            LOG.warn(
                    "{} of {} has no effect: another client supplier was given to the constructor of KafkaStreams, as Spring"
                            + " does. VLog stores hear of no transactions: under exactly-once they are wiped after a crash,"
                            + " unless they are transactional. Give a VLogKafkaClientSupplier to the constructor, with Spring to"
                            + " StreamsBuilderFactoryBean.setClientSupplier",
                    StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG,
                    application);
        }
        return missing;
    }
}
