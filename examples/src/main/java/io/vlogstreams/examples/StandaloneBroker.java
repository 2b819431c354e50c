/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A broker in a separate process, for programs that have another version of Kafka in their class path. It prints its
 * address, and ends when its standard input ends, which includes the death of the process that started it.
 */
public final class StandaloneBroker {

    /** The prefix of the line with the address of the broker. */
    public static final String REACHED_AT = "bootstrap.servers=";

    private StandaloneBroker() {}

    /** The arguments are the folder of the broker's data, and then properties for the broker as {@code name=value}. */
    public static void main(String[] args) throws IOException {
        var overrides = Arrays.stream(args)
                .skip(1)
                .map(each -> each.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        try (var kafka = EmbeddedKafka.start(Path.of(args[0]), overrides)) {
            System.out.println(REACHED_AT + kafka.bootstrapServers());
            while (System.in.read() >= 0) {
                // Input is ignored.
            }
        }
    }
}
