/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.apache.kafka.streams.StreamsConfig.consumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.producerPrefix;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.VLogKafkaClientSupplier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * The base of tests that disturb an application on {@link NumbersTopology}: broker, input, properties and checks.
 */
abstract class KillTest {

    static final Duration PATIENCE = Duration.ofMinutes(2);

    static final String STATE = "state";

    /** Numbers the applications; a parameterized test has one for each parameter. */
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static KillBroker broker;

    @TempDir
    static Path brokerFolder;

    @TempDir
    Path folder;

    String applicationId;
    NumberedInput input;
    private CommittedChangelogs changelogs;

    @BeforeAll
    static void startBroker() {
        broker = KillBroker.start(brokerFolder);
    }

    @AfterAll
    static void closeBroker() {
        broker.close();
    }

    static KillBroker broker() {
        return broker;
    }

    @BeforeEach
    void startInput(TestInfo test) {
        applicationId = test.getTestMethod().orElseThrow().getName() + "-" + NUMBER.incrementAndGet();
        broker.createTopics(
                NumbersTopology.PARTITIONS,
                NumbersTopology.numbers(applicationId),
                NumbersTopology.documents(applicationId));
        input = new NumberedInput(broker.bootstrapServers(), applicationId);
    }

    @AfterEach
    void closeInput() throws InterruptedException {
        if (input != null) {
            input.close();
        }
        if (changelogs != null) {
            changelogs.close();
        }
        Collection<String> own = broker.topics().stream()
                .filter(topic -> topic.startsWith(applicationId))
                .toList();
        broker.deleteTopics(own);
        await("topics to be deleted", () -> broker.topics().stream().noneMatch(own::contains));
    }

    /** Returns the properties of the application, with its state in a folder of that name. */
    Properties properties(String guarantee, String stateFolder) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers());
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG, folder.resolve(stateFolder).toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "2");
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "100");
        properties.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
        properties.put(producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), "" + KillBroker.RECORD_BYTES_MAX);
        // Avoids unwanted timeouts on a busy machine: Streams wipes the tasks of a thread that counts as dead, which
        // would look like a wipe after a crash.
        properties.put(producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), "60000");
        properties.put(consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return properties;
    }

    /** Returns the properties of a child, with its state in {@link #folders()}. */
    Properties childProperties(String guarantee) {
        Properties child = properties(guarantee, STATE);
        // A static member: a new process replaces the killed one immediately, without waiting for its session to end.
        child.put(consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), "child");
        return child;
    }

    ChildJvm startChild(Properties properties) {
        return startChild(properties, KafkaLibraries.standard(), "child");
    }

    ChildJvm startChild(Properties properties, KafkaLibraries kafka, String childFolder) {
        return startChild(KillChild.Kind.NUMBERS, properties, kafka, childFolder);
    }

    ChildJvm startChild(KillChild.Kind kind, Properties properties, KafkaLibraries kafka, String childFolder) {
        return ChildJvm.start(
                kind,
                properties,
                kafka,
                folder.resolve(childFolder),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dtest.log.level=INFO");
    }

    StoreFolders folders() {
        return folders(STATE);
    }

    StoreFolders folders(String stateFolder) {
        return StoreFolders.of(folder.resolve(stateFolder), applicationId);
    }

    static void useClientSupplier(Properties properties) {
        properties.put(StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG, VLogKafkaClientSupplier.class.getName());
    }

    /**
     * Shortens sessions, so that the group soon removes a dynamic member that did not leave it because it was killed or
     * closed, or because its thread died.
     */
    static void useShortSessions(Properties properties) {
        properties.put(consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), "6000");
    }

    /** Sends input, for at least that many numbers. */
    void sendSome(int numbers) throws InterruptedException {
        long before = input.numbers();
        input.flow();
        await("input to be sent", () -> input.numbers() >= before + numbers);
    }

    /** Stops the input and waits until the application has processed and committed all of it. */
    void drain() throws InterruptedException {
        input.stop();
        await(
                "all input to be processed",
                () -> broker.hasProcessed(
                        applicationId,
                        NumbersTopology.numbers(applicationId),
                        NumbersTopology.documents(applicationId)));
    }

    /** Returns the current content of the changelogs. */
    StoreContents committed() {
        return changelogs().read();
    }

    CommittedChangelogs changelogs() {
        if (changelogs == null) {
            changelogs = new CommittedChangelogs(broker.bootstrapServers(), applicationId);
        }
        return changelogs;
    }

    /** Checks that the stores of the child match the changelogs and the sums of the input. */
    void assertHolds(ChildJvm child) throws InterruptedException, IOException {
        drain();
        StoreContents contents = child.dump(folder.resolve("dump"), PATIENCE);
        assertSame("changelog", contents, committed());
        assertSame("input", contents, input.expected());
        assertSame("IQv2", child.query(folder.resolve("dump"), PATIENCE), contents);
    }

    /** Waits until the active and standby tasks of each instance together have all data. */
    void awaitHoldEverything(Collection<ChildJvm> instances) throws InterruptedException {
        drain();
        StoreContents expected = input.expected();
        assertSame("changelog", committed(), expected);
        for (ChildJvm instance : instances) {
            await("an instance to hold everything", () -> holds(instance, expected));
        }
    }

    boolean holds(ChildJvm instance, StoreContents expected) {
        try {
            return expected.equals(instance.dumpWithStandbys(folder.resolve("dump"), PATIENCE));
        } catch (InterruptedException | IOException e) {
            throw new AssertionError(e);
        }
    }

    static void assertSame(String what, StoreContents actual, StoreContents expected) {
        for (String store : NumbersTopology.STORES) {
            assertThat(actual.of(store)).as("%s: store %s", what, store).isEqualTo(expected.of(store));
        }
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        await(what, PATIENCE, condition);
    }

    static void await(String what, Duration patience, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
