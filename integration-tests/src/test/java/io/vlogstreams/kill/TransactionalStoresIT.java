/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static io.vlogstreams.kill.NumbersTopology.TABLE;
import static io.vlogstreams.kill.NumbersTopology.UNCACHED;
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
 * Applications with the newest Kafka Streams and {@code enable.transactional.statestores}, without our client supplier.
 * They are killed, they or a broker abort their transactions, and their stores are damaged. No input is lost or counted
 * twice, and no store is wiped.
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
        kafka = KafkaLibraries.newest();
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

    /** After each kill the indexes hold writes that no transaction confirmed. */
    @Test
    void storesThatSpillHealThemselves() throws Exception {
        // A few records of a transaction. With 0 each record would be written alone, which makes restoring slow.
        properties.put("vlog.staged.bytes.max", "1000");
        killAgainAndAgain(true, FEW_ROUNDS);
        assertThat(wipes).isZero();
    }

    @Test
    void ofATransactionThatIsNotCommittedNothingStays(TestReporter reporter) throws Exception {
        // In some rounds the commit of the other thread may have reached the changelog.
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
                // Without input nothing is committed. Input during the start would take a busy machine long.
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
     * nevertheless.
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
            // Nothing ends the transaction, and restoring waits for its end.
            failing.put(producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), "10000");
            try (ChildJvm child = startChild(failing, kafka, "child")) {
                child.awaitRunning(PATIENCE);
                sendSome(NUMBERS);
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
                sendSome(NUMBERS);
                awaitHoldEverything(List.of(first, second));
                folders("first").mark();
                folders("second").mark();
                sendSome(NUMBERS);
                second.kill();
            }
            sendSome(NUMBERS);
            try (ChildJvm second = startChild(instance("second"), kafka, "second")) {
                awaitHoldEverything(List.of(first, second));
                sendSome(NUMBERS);
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
        useShortSessions(instance);
        return instance;
    }

    /** Like an update during an outage. */
    @Test
    void theFlagCanBeTurnedOnAfterAKill() throws Exception {
        properties = childProperties(EXACTLY_ONCE_V2);
        runAndKill();
        properties = transactional(EXACTLY_ONCE_V2);
        runAndKill();
    }

    /** Also with an older version, which has no transactional stores. */
    @Test
    void theFlagIsTurnedOnAndOffAgainBetweenCleanStops() throws Exception {
        List<KafkaLibraries> versions = KafkaLibraries.all();
        KafkaLibraries newest = kafka;
        KafkaLibraries before = versions.get(versions.size() - 2);
        kafka = before;
        properties = childProperties(EXACTLY_ONCE_V2);
        runAndClose();
        folders().mark();
        kafka = newest;
        assertNothingIsRestored(childProperties(EXACTLY_ONCE_V2));
        assertNothingIsRestored(transactional(EXACTLY_ONCE_V2));
        assertNothingIsRestored(childProperties(EXACTLY_ONCE_V2));
        kafka = before;
        assertNothingIsRestored(childProperties(EXACTLY_ONCE_V2));
    }

    private void assertNothingIsRestored(Properties next) throws Exception {
        properties = next;
        assertThat(runAndClose().records()).isZero();
        assertThat(folders().countWiped()).isZero();
    }

    @Test
    void aProcessorThatThrowsAfterItsPutsLeavesNothing() throws Exception {
        properties.remove(consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG));
        useShortSessions(properties);
        runAndClose();
        folders().mark();
        properties.put(NumbersTopology.REFUSED, "100");
        try (ChildJvm child = startChild(properties, kafka, "child")) {
            child.awaitRunning(PATIENCE);
            sendSome(NUMBERS);
            child.await("refused", PATIENCE);
            assertHolds(child);
            child.closeCleanly(PATIENCE);
        }
        properties.remove(NumbersTopology.REFUSED);
        runAndClose();
        assertThat(folders().countWiped()).isZero();
    }

    /** After a kill a store without a changelog may lack the writes of one transaction, but is never ahead. */
    @Test
    void aGlobalStoreAndOneWithoutAChangelogKeepWhatWasCommitted() throws Exception {
        try (ChildJvm child = startChild(KillChild.Kind.GLOBAL_AND_UNLOGGED, properties, kafka, "child")) {
            child.awaitRunning(PATIENCE);
            sendSome(NUMBERS);
            StoreContents contents = globalAndUnlogged(child);
            assertThat(contents.of(UNCACHED)).isEqualTo(input.expected().of(UNCACHED));
            child.closeCleanly(PATIENCE);
        }
        try (ChildJvm child = startChild(KillChild.Kind.GLOBAL_AND_UNLOGGED, properties, kafka, "child")) {
            assertThat(child.awaitRunning(PATIENCE).records()).isZero();
            StoreContents contents = globalAndUnlogged(child);
            assertThat(contents.of(UNCACHED)).isEqualTo(input.expected().of(UNCACHED));
            sendSome(NUMBERS);
            child.kill();
        }
        try (ChildJvm child = startChild(KillChild.Kind.GLOBAL_AND_UNLOGGED, properties, kafka, "child")) {
            child.awaitRunning(PATIENCE);
            StoreContents contents = globalAndUnlogged(child);
            assertThat(contents.of(UNCACHED).keySet())
                    .isEqualTo(input.expected().of(UNCACHED).keySet());
            contents.of(UNCACHED)
                    .forEach((key, tally) -> assertThat(tally.firstLong())
                            .as(key)
                            .isLessThanOrEqualTo(
                                    input.expected().of(UNCACHED).get(key).firstLong()));
        }
    }

    /** Returns the content of the stores after all input is processed. */
    private StoreContents globalAndUnlogged(ChildJvm child) throws Exception {
        input.stop();
        await(
                "all numbers to be processed",
                () -> broker().hasProcessed(applicationId, NumbersTopology.numbers(applicationId)));
        StoreContents expected = input.expected();
        for (long end = System.nanoTime() + PATIENCE.toNanos(); System.nanoTime() < end; ) {
            StoreContents contents = child.dump(folder.resolve("dump"), PATIENCE);
            if (contents.of(TABLE).equals(expected.of(TABLE))) {
                return contents;
            }
        }
        throw new AssertionError("the global table does not get all documents");
    }

    private ChildStart runAndKill() throws Exception {
        try (ChildJvm child = startChild(properties, kafka, "child")) {
            ChildStart start = processSome(child);
            child.kill();
            return start;
        }
    }

    private ChildStart runAndClose() throws Exception {
        try (ChildJvm child = startChild(properties, kafka, "child")) {
            ChildStart start = processSome(child);
            child.closeCleanly(PATIENCE);
            return start;
        }
    }

    /** Sends input, and compares the content of the stores with it and with the changelogs. */
    private ChildStart processSome(ChildJvm child) throws Exception {
        assertThat(child.await("kafka", PATIENCE)).isEqualTo("kafka " + kafka.version());
        ChildStart start = child.awaitRunning(PATIENCE);
        sendSome(NUMBERS);
        assertHolds(child);
        return start;
    }
}
