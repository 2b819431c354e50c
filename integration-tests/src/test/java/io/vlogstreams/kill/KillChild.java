/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vlogstreams.VLogKafkaClientSupplier;
import io.vlogstreams.internal.streams.RuntimeFeatures;
import io.vlogstreams.kill.NumbersTopology.Disturbance;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.InvalidStateStoreException;

/**
 * An application in a separate process, made to be killed. Arguments: its {@link Kind} and a file with the Streams
 * properties.
 *
 * <p>It reports events on its standard output, one per line: {@code kafka}, {@code state}, {@code restored}, {@code
 * running}, {@code dumped}, {@code closed}. It takes commands on its standard input. {@code dump <file>} writes the
 * content of the stores, {@code dump-all} also that of standbys, and {@code query} uses IQv2. {@code close} ends it
 * cleanly, and {@code close-without-commit} without its last transactions. The process ends with its input, because
 * then its parent is gone.
 */
public final class KillChild {

    /** The topology of the application. */
    enum Kind {
        NUMBERS,
        GLOBAL_AND_UNLOGGED,
        HEADLINE_VLOG,
        HEADLINE_ROCKSDB;

        Topology topology(Properties properties) {
            return switch (this) {
                case NUMBERS -> NumbersTopology.build(properties, Disturbance.askedFor(properties));
                case GLOBAL_AND_UNLOGGED -> NumbersTopology.globalAndUnlogged(properties);
                case HEADLINE_VLOG -> HeadlineTopology.withVLogStore(properties);
                case HEADLINE_ROCKSDB -> HeadlineTopology.withRocksDbStore(properties);
            };
        }

        List<String> stores() {
            return switch (this) {
                case NUMBERS -> NumbersTopology.STORES;
                case GLOBAL_AND_UNLOGGED -> List.of(NumbersTopology.TABLE, NumbersTopology.UNCACHED);
                case HEADLINE_VLOG, HEADLINE_ROCKSDB -> List.of(HeadlineTopology.STORE);
            };
        }

        /** Returns how many stores are restored, counted per partition. */
        int restores() {
            return switch (this) {
                case NUMBERS -> NumbersTopology.PARTITIONS * NumbersTopology.STORES.size();
                case GLOBAL_AND_UNLOGGED -> NumbersTopology.PARTITIONS;
                case HEADLINE_VLOG, HEADLINE_ROCKSDB -> HeadlineTopology.PARTITIONS;
            };
        }
    }

    /** Properties that make the process halt by itself, see {@link HaltingClients}. */
    static final String HALT_MOMENT = "test.halt.moment";

    static final String HALT_COMMITS = "test.halt.commits";

    /** With this property the process accepts {@code close-without-commit}, see {@link FailingClients}. */
    static final String FAILING_COMMITS = "test.failing.commits";

    private KillChild() {}

    public static void main(String[] args) throws IOException {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(Path.of(args[1]), UTF_8)) {
            properties.load(reader);
        }
        Kind kind = Kind.valueOf(args[0]);
        KafkaStreams streams = streams(kind.topology(properties), properties);
        StartReport report = new StartReport(streams, kind.restores());
        streams.setGlobalStateRestoreListener(report);
        streams.setStateListener(report);
        streams.setUncaughtExceptionHandler(report);
        StartReport.line("kafka " + RuntimeFeatures.version());
        report.start();
        obey(streams, kind.stores());
        Runtime.getRuntime().halt(1);
    }

    private static KafkaStreams streams(Topology topology, Properties properties) {
        KafkaClientSupplier disturbing = disturbingClients(properties);
        if (disturbing == null) {
            return new KafkaStreams(topology, properties);
        }
        boolean signalling = properties.containsKey(StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG);
        return new KafkaStreams(
                topology, properties, signalling ? new VLogKafkaClientSupplier(disturbing) : disturbing);
    }

    /** Returns the clients that the properties ask for, or null. */
    private static KafkaClientSupplier disturbingClients(Properties properties) {
        String moment = properties.getProperty(HALT_MOMENT);
        if (moment != null) {
            int commits = Integer.parseInt(properties.getProperty(HALT_COMMITS));
            return new HaltingClients(HaltingClients.Moment.valueOf(moment), commits);
        }
        return properties.containsKey(FAILING_COMMITS) ? new FailingClients() : null;
    }

    private static void obey(KafkaStreams streams, List<String> stores) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            String[] words = command.split(" ", 2);
            switch (words[0]) {
                case "dump" -> write(() -> StoreContents.read(streams, stores), words[1]);
                case "dump-all" -> write(() -> StoreContents.readWithStandbys(streams, stores), words[1]);
                case "query" -> write(() -> StoreContents.query(streams, stores), words[1]);
                case "close", "close-without-commit" -> {
                    if (!words[0].equals("close")) {
                        FailingClients.fail();
                    }
                    close(streams);
                    StartReport.line("closed");
                    return;
                }
                default -> throw new IllegalArgumentException(command);
            }
        }
    }

    private static void write(Supplier<StoreContents> contents, String file) {
        while (true) {
            try {
                contents.get().write(Path.of(file));
                StartReport.line("dumped");
                return;
            } catch (InvalidStateStoreException moving) {
                // If this never ends, the parent times out.
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    @SuppressWarnings("deprecation") // for 4.0 and 4.1
    private static void close(KafkaStreams streams) {
        streams.close(new KafkaStreams.CloseOptions().leaveGroup(true).timeout(Duration.ofMinutes(1)));
    }
}
