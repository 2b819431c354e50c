/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.frameworks.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LibraryTopologyTest {

    private static final String CHAPTER = "Call me Ishmael. ".repeat(1000);

    /** Each test needs a folder of its own, as with every persistent store. */
    @TempDir
    private Path state;

    private TopologyTestDriver open() {
        return open("at_least_once");
    }

    private TopologyTestDriver open(String guarantee) {
        Properties properties = LibraryTopology.properties();
        properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
        return new TopologyTestDriver(LibraryTopology.build(properties), properties);
    }

    private static TestInputTopic<String, String> chapters(TopologyTestDriver driver) {
        return driver.createInputTopic("chapters", new StringSerializer(), new StringSerializer());
    }

    private static TestOutputTopic<String, String> books(TopologyTestDriver driver) {
        return driver.createOutputTopic("books", new StringDeserializer(), new StringDeserializer());
    }

    private List<Path> vlogFiles() throws IOException {
        try (var paths = Files.walk(state)) {
            return paths.filter(path -> path.toString().endsWith(".vlog")).toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"at_least_once", "exactly_once_v2"})
    void aBookIsPutTogether(String guarantee) throws IOException {
        try (TopologyTestDriver driver = open(guarantee)) {
            chapters(driver).pipeInput("Moby-Dick", CHAPTER);
            chapters(driver).pipeInput("Moby-Dick", "The end.");

            assertThat(books(driver).readValuesToList()).containsExactly(CHAPTER, CHAPTER + "The end.");
            assertThat(driver.<String, String>getTimestampedKeyValueStore("library")
                            .get("Moby-Dick")
                            .value())
                    .isEqualTo(CHAPTER + "The end.");
            assertThat(vlogFiles()).isNotEmpty();
        }
    }

    /** Advances the wall clock of the driver, which also wakes the cleanup. */
    @Test
    void timePasses() {
        try (TopologyTestDriver driver = open()) {
            chapters(driver).pipeInput("Moby-Dick", CHAPTER);
            driver.advanceWallClockTime(Duration.ofMinutes(1));

            assertThat(driver.<String, String>getTimestampedKeyValueStore("library")
                            .approximateNumEntries())
                    .isOne();
        }
    }

    /**
     * A driver deletes the state of every kind of store when it is closed, so the next one finds and restores none.
     */
    @Test
    void theNextDriverStartsEmpty() throws IOException {
        try (TopologyTestDriver driver = open()) {
            chapters(driver).pipeInput("Moby-Dick", CHAPTER);
        }
        assertThat(vlogFiles()).isEmpty();

        try (TopologyTestDriver driver = open()) {
            assertThat(driver.<String, String>getTimestampedKeyValueStore("library")
                            .get("Moby-Dick"))
                    .isNull();
            chapters(driver).pipeInput("Moby-Dick", "Loomings.");
            assertThat(books(driver).readValue()).isEqualTo("Loomings.");
        }
    }
}
