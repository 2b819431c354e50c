/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;

/**
 * A topology that runs without a broker, with text as keys and values, and its state in a folder that tests can
 * inspect.
 */
final class TestTopology implements AutoCloseable {

    private final Path stateFolder;
    private final TopologyTestDriver driver;

    TestTopology(Path stateFolder, Topology topology, Map<String, ?> properties) {
        this.stateFolder = stateFolder;
        this.driver = new TopologyTestDriver(topology, properties(stateFolder, properties), Instant.EPOCH);
    }

    /** Returns the given properties, and those that every application needs. */
    static Properties properties(Path stateFolder, Map<String, ?> more) {
        Properties all = new Properties();
        all.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        all.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:0");
        all.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
        all.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        all.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        all.put(VLogConfig.THRESHOLD_BYTES, 16);
        all.put(VLogConfig.FILE_BYTES_MAX, 1024);
        all.putAll(more);
        return all;
    }

    TopologyTestDriver driver() {
        return driver;
    }

    TestInputTopic<String, String> input(String topic) {
        return driver.createInputTopic(topic, new StringSerializer(), new StringSerializer());
    }

    TestOutputTopic<String, String> output(String topic) {
        return driver.createOutputTopic(topic, new StringDeserializer(), new StringDeserializer());
    }

    /** Returns the names of our stores, sorted. */
    List<String> vlogStores() throws IOException {
        return storesIn("vlog");
    }

    /** Returns the names of Kafka's stores, sorted. */
    List<String> rocksDbStores() throws IOException {
        return storesIn("rocksdb");
    }

    private List<String> storesIn(String scope) throws IOException {
        return storeFolders(scope).stream()
                .map(folder -> folder.getFileName().toString())
                .sorted()
                .toList();
    }

    /** Returns the folders {@code <application>/<task>/<scope>/<store>}, without the changing folders below them. */
    private List<Path> storeFolders(String scope) throws IOException {
        try (Stream<Path> folders = Files.walk(stateFolder, 4)) {
            return folders.filter(folder -> stateFolder.relativize(folder).getNameCount() == 4)
                    .filter(folder -> folder.getParent().endsWith(scope))
                    .toList();
        }
    }

    /** Returns the number of VLog files of the store on disk. */
    long vlogFiles(String store) throws IOException {
        Path folder = storeFolders("vlog").stream()
                .filter(found -> found.endsWith(store))
                .findFirst()
                .orElseThrow()
                .resolve("vlog");
        if (!Files.exists(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    @Override
    public void close() {
        driver.close();
    }

    /** Returns a value that is separated from its key. */
    static String large(Object content) {
        return content + "-" + "x".repeat(300);
    }
}
