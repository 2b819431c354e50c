/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.apache.kafka.streams.StreamsConfig.consumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.producerPrefix;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.kill.HaltingClients.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Applications with the newest Kafka Streams and {@code enable.transactional.statestores}, without our client supplier:
 * they are killed, their transactions are aborted by them and by a broker, their stores damaged. Nothing is lost or
 * counted twice, and nothing wiped.
 *
 * <p>{@code -Dtransactional.kill.rounds=50} for a long run.
 */
class TransactionalStoresIT extends KillLoop {

    private static final int ROUNDS = Integer.getInteger("transactional.kill.rounds", 3);
    private static final int FEW_ROUNDS = (ROUNDS + 1) / 2;
    private static final int HALTS = 2;
    private static final int NUMBERS = 100;

    @BeforeEach
    void useTheNewestVersion() throws IOException {
        List<KafkaLibraries> versions = KafkaLibraries.all();
        kafka = versions.get(versions.size() - 1);
        properties = transactional(EXACTLY_ONCE_V2);
    }

    private Properties transactional(String guarantee) {
        Properties transactional = childProperties(guarantee);
        transactional.put("enable.transactional.statestores", "true");
        return transactional;
    }

    @Test
    void underExactlyOnceNothingIsWiped() throws Exception {
        killAgainAndAgain(true, ROUNDS);
        assertThat(wipes).isZero();
        assertThat(restored).isLessThan(changelogs().records());
    }

    @Test
    void underAtLeastOnceNothingIsWiped() throws Exception {
        properties = transactional(AT_LEAST_ONCE);
        killAgainAndAgain(false, FEW_ROUNDS);
        assertThat(wipes).isZero();
        assertThat(restored).isLessThan(changelogs().records());
    }

    /** Each kill then finds stores with writes in their index that no transaction confirmed. */
    @Test
    void storesThatSpillHealThemselves() throws Exception {
        properties.put("vlog.staged.bytes.max", "0");
        killAgainAndAgain(true, FEW_ROUNDS);
        assertThat(wipes).isZero();
    }

    @Test
    void ofATransactionThatIsNotCommittedNothingStays(TestReporter reporter) throws Exception {
        // In a round the commit of the other thread may have been under way, and be in the changelog.
        assertThat(haltAgainAndAgain(Moment.BEFORE_COMMIT, reporter)).contains(0L);
    }

    @Test
    void ofATransactionThatOnlyTheBrokerCommittedAllIsRestored(TestReporter reporter) throws Exception {
        assertThat(haltAgainAndAgain(Moment.AFTER_COMMIT, reporter))
                .allMatch(records -> records > 0)
                .allMatch(records -> records < changelogs().records());
    }

    /** Returns how many records each start after a halt restored. */
    private List<Long> haltAgainAndAgain(Moment moment, TestReporter reporter) throws Exception {
        List<Long> restoredRecords = new ArrayList<>();
        runAndKill();
        folders().mark();
        for (int round = 1; round <= HALTS; round++) {
            Properties halting = new Properties();
            halting.putAll(properties);
            halting.put(KillChild.HALT_MOMENT, moment.name());
            halting.put(KillChild.HALT_COMMITS, "" + 10 * round);
            try (ChildJvm child = startChild(halting, kafka, "child")) {
                // Without input nothing is committed. What comes while it starts would take a busy machine long.
                child.awaitRunning(PATIENCE);
                input.flow();
                child.awaitEnd(PATIENCE);
                input.stop();
            }
            ChildStart back = runAndKill();
            reporter.publishEntry("round " + round, back.toString());
            restoredRecords.add(back.records());
            assertThat(folders().countWiped()).isZero();
        }
        return restoredRecords;
    }

    /**
     * An instance is closed, and its last transaction cannot be committed. Kafka Streams 4.4.0 then commits its stores
     * all the same.
     */
    @Test
    void ofATransactionThatFailsOnShutdownNothingStays() throws Exception {
        runAndKill();
        folders().mark();
        for (int round = 1; round <= HALTS; round++) {
            Properties failing = new Properties();
            failing.putAll(properties);
            failing.put(KillChild.FAILING_COMMITS, "true");
            failing.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "8000");
            // Nobody ends the transaction, and who restores waits for that.
            failing.put(producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), "10000");
            try (ChildJvm child = startChild(failing, kafka, "child")) {
                child.awaitRunning(PATIENCE);
                sendSome();
                child.closeWithoutCommit(PATIENCE);
                input.stop();
            }
            runAndKill();
            assertThat(folders().countWiped()).isZero();
        }
    }

    @Test
    void aDamagedStoreHealsItself() throws Exception {
        runAndKill();
        folders().mark();
        deleteValues(folders().paths().get(0));
        ChildStart back = runAndKill();
        assertThat(back.records())
                .as("of one store")
                .isPositive()
                .isLessThan(changelogs().records());
        assertThat(folders().countWiped()).isZero();
    }

    private static void deleteValues(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store.resolve("vlog"))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".vlog")).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void aStoreOfKafkasOwnBesideOursIsRestoredAlone() throws Exception {
        properties.put(NumbersTopology.FOREIGN, "true");
        runAndKill();
        ChildStart back = runAndKill();
        assertThat(back.records()).isLessThan(changelogs().records());
    }

    @Test
    void tasksMoveBetweenTwoInstancesWithStandbys() throws Exception {
        try (ChildJvm first = startChild(instance("first"), kafka, "first")) {
            try (ChildJvm second = startChild(instance("second"), kafka, "second")) {
                sendSome();
                awaitHoldEverything(first, second);
                folders("first").mark();
                folders("second").mark();
                sendSome();
                second.kill();
            }
            sendSome();
            try (ChildJvm second = startChild(instance("second"), kafka, "second")) {
                awaitHoldEverything(first, second);
                sendSome();
                first.closeCleanly(PATIENCE);
                drain();
                await("the other to hold everything", () -> holds(second, input.expected()));
            }
        }
        assertThat(folders("first").countWiped()).isZero();
        assertThat(folders("second").countWiped()).isZero();
    }

    private Properties instance(String name) {
        Properties instance = properties(EXACTLY_ONCE_V2, name);
        instance.put("enable.transactional.statestores", "true");
        instance.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, "1");
        // One that is killed is no static member, and is missed after that.
        instance.put(consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), "6000");
        return instance;
    }

    private void awaitHoldEverything(ChildJvm... instances) throws Exception {
        drain();
        StoreContents expected = input.expected();
        assertSame("changelog", committed(), expected);
        for (ChildJvm instance : instances) {
            await("an instance to hold everything", () -> holds(instance, expected));
        }
    }

    private boolean holds(ChildJvm instance, StoreContents expected) {
        try {
            return expected.equals(instance.dumpWithStandbys(folder.resolve("dump"), PATIENCE));
        } catch (InterruptedException | IOException e) {
            throw new AssertionError(e);
        }
    }

    /** As after an update in the middle of an outage. */
    @Test
    void theFlagCanBeTurnedOnAfterAKill() throws Exception {
        properties = childProperties(EXACTLY_ONCE_V2);
        runAndKill();
        properties = transactional(EXACTLY_ONCE_V2);
        runAndKill();
    }

    /** Starts, sends input, compares what the stores hold with it and with the changelogs, and kills. */
    private ChildStart runAndKill() throws Exception {
        try (ChildJvm child = startChild(properties, kafka, "child")) {
            assertThat(child.await("kafka", PATIENCE)).isEqualTo("kafka " + kafka.version());
            ChildStart start = child.awaitRunning(PATIENCE);
            sendSome();
            drain();
            StoreContents contents = child.dump(folder.resolve("dump"), PATIENCE);
            assertSame("changelog", contents, committed());
            assertSame("input", contents, input.expected());
            assertSame("IQv2", child.query(folder.resolve("dump"), PATIENCE), contents);
            child.kill();
            return start;
        }
    }

    private void sendSome() throws InterruptedException {
        long before = input.numbers();
        input.flow();
        await("input to be sent", () -> input.numbers() >= before + NUMBERS);
    }
}
