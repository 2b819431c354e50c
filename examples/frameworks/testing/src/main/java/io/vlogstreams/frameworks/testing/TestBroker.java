/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.frameworks.testing;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A broker in a separate process, so that its version of Kafka is not in the class path of the test. Its log is
 * {@code target/broker.log}.
 */
public final class TestBroker implements AutoCloseable {

    /**
     * The shortest timeout that a broker accepts. A restarted application waits until the session of the closed one has
     * expired.
     */
    public static final int SESSION_TIMEOUT_MS = 6000;

    /** A name, because the class is not in the class path of the test. */
    private static final String MAIN_CLASS = "io.vlogstreams.examples.StandaloneBroker";

    private static final String REACHED_AT = "bootstrap.servers=";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Process process;
    private final String bootstrapServers;

    private TestBroker(Process process, String bootstrapServers) {
        this.process = process;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts a broker with topics of one partition.
     *
     * @param data the folder of its files
     */
    public static TestBroker start(Path data, String... topics) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath(),
                        MAIN_CLASS,
                        data.toString())
                .redirectError(new File("target", "broker.log"))
                .start();
        TestBroker broker = new TestBroker(process, reachedAt(process));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers))) {
            admin.createTopics(List.of(topics).stream()
                            .map(topic -> new NewTopic(topic, 1, (short) 1))
                            .toList())
                    .all()
                    .get();
        }
        return broker;
    }

    private static String classPath() throws IOException {
        try (InputStream file = TestBroker.class.getResourceAsStream("/broker.classpath")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8).trim();
        }
    }

    private static String reachedAt(Process process) throws IOException {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(REACHED_AT)) {
                return line.substring(REACHED_AT.length());
            }
        }
        throw new IllegalStateException("the broker did not start: see target/broker.log");
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Sends a record and waits until the broker has it. */
    public void send(String topic, String key, String value) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, key, value)).get();
        }
    }

    /** Waits until this is the last committed value of the key in the topic. */
    public void awaitLast(String topic, String key, String value) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String last = "";
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new StringDeserializer())) {
            var partitions = List.of(new TopicPartition(topic, 0));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!last.equals(value)) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("the last value of " + key + " in " + topic + " has " + last.length()
                            + " characters and not " + value.length() + " after " + PATIENCE.toSeconds() + " s");
                }
                for (var each : consumer.poll(Duration.ofMillis(100))) {
                    last = each.key().equals(key) ? each.value() : last;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.onExit()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .exceptionally(late -> process.destroyForcibly())
                .join();
    }

    /** Deletes a folder with its content. */
    static void delete(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path each : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
