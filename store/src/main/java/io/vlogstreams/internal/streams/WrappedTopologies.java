/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.StreamsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The applications of this process with a topology that was built with our processor wrapper.
 *
 * <p>Kafka Streams takes the wrapper from the config that a topology is built with and passes over it, silently, in the
 * properties that the topology runs with. This is how a store can tell that the wrapper was asked for in vain.
 *
 * <p>Thread-safe.
 */
public final class WrappedTopologies {

    private static final Logger LOG = LoggerFactory.getLogger(WrappedTopologies.class);

    private static final Set<Object> APPLICATIONS = ConcurrentHashMap.newKeySet();

    private WrappedTopologies() {}

    /** Takes down that a topology is being built with the wrapper. */
    public static void add(Map<String, ?> topologyConfig) {
        Object application = topologyConfig.get(StreamsConfig.APPLICATION_ID_CONFIG);
        if (application != null) {
            APPLICATIONS.add(application);
        }
    }

    /** Warns once of an application whose properties name the wrapper though no topology was built with it. */
    static boolean warnIfMissing(Map<String, ?> streamsProperties) {
        Object application = streamsProperties.get(StreamsConfig.APPLICATION_ID_CONFIG);
        boolean missing = application != null
                && NamedClass.isOurs(streamsProperties, StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG)
                && APPLICATIONS.add(application);
        if (missing) {
            LOG.warn(
                    "{} of {} has no effect: the topology was built without it. Give the properties to the builder as"
                            + " well: new StreamsBuilder(new TopologyConfig(new StreamsConfig(properties)))",
                    StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG,
                    application);
        }
        return missing;
    }
}
