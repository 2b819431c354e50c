/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;

/**
 * An application in a separate process, which can be killed. Arguments: the topology, its input topic, and the Streams
 * properties as pairs of key and value.
 */
public final class ChildApp {

    private ChildApp() {}

    public static void main(String[] args) throws IOException {
        Map<String, String> settings = new HashMap<>();
        for (int i = 2; i < args.length; i += 2) {
            settings.put(args[i], args[i + 1]);
        }
        ChildTopology topology = ChildTopology.valueOf(args[0]);
        KafkaStreams streams = new KafkaStreams(topology.on(args[1]), new StreamsConfig(settings));
        streams.start();
        // The parent holds the other end and sends nothing: when the parent is gone, this process must end.
        int unused = System.in.read();
        Runtime.getRuntime().halt(1);
    }
}
