/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static io.vlogstreams.broker.Topologies.STORE;
import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vlogstreams.VLogKafkaClientSupplier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * An application in a separate process is killed with SIGKILL at full speed, again and again, and each time opened here
 * on the state that it left.
 */
class KillIT extends BrokerTest {

    private static final int KEYS = 50;

    /** A static member: the broker readmits the application without waiting for the session of the killed one. */
    private static final Map<String, String> MEMBER =
            Map.of(StreamsConfig.consumerPrefix("group.instance.id"), "the-only-one");

    private String input;
    private int sent;
    private TestReporter reporter;

    @BeforeEach
    void prepare(TestReporter testReporter) {
        reporter = testReporter;
        input = topic("input", 1);
    }

    /**
     * How the application came back after a kill.
     *
     * @param written records that the killed process had written to the changelog
     * @param committed committed records of the changelog, of this process and those before
     * @param restored records restored from it
     * @param wiped whether the folder of the task was emptied
     */
    private record Return(long written, long committed, long restored, boolean wiped) {}

    @Test
    void underAtLeastOnceOnlyWhatWasNotCommittedIsRestored() {
        for (Return back : killAgainAndAgain(1, ChildTopology.DOCUMENTS, guarantee(AT_LEAST_ONCE))) {
            assertThat(back.wiped()).isFalse();
            assertThat(back.restored()).isLessThan(back.written() / 2);
        }
    }

    @Test
    void underExactlyOnceNothingIsWipedAndNothingCountsTwice() {
        for (Return back : killAgainAndAgain(2, ChildTopology.COUNTS, guarantee(EXACTLY_ONCE_V2))) {
            assertThat(back.wiped()).isFalse();
            assertThat(back.restored()).isLessThanOrEqualTo(back.written());
        }
    }

    @Test
    void underExactlyOnceWithTheCommitSignalOnlyTheLastTransactionsAreRestored() {
        Map<String, String> settings = with(
                guarantee(EXACTLY_ONCE_V2),
                Map.of(StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG, VLogKafkaClientSupplier.class.getName()));
        for (Return back : killAgainAndAgain(2, ChildTopology.COUNTS, settings)) {
            assertThat(back.wiped()).isFalse();
            assertThat(back.restored()).isLessThan(back.written() / 2);
        }
    }

    @Test
    void underExactlyOnceWithMoreWritesThanMemoryTheStoreIsRestoredWhole() {
        Map<String, String> settings = with(guarantee(EXACTLY_ONCE_V2), Map.of("vlog.staged.bytes.max", "2000"));
        for (Return back : killAgainAndAgain(1, ChildTopology.COUNTS, settings)) {
            assertThat(back.restored()).isEqualTo(back.committed());
        }
    }

    private List<Return> killAgainAndAgain(int rounds, ChildTopology topology, Map<String, String> properties) {
        Map<String, String> settings = settings(with(properties, MEMBER), stateFolder());
        List<Return> returns = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            long endBefore = round == 1 ? 0 : broker.end(changelog(STORE));
            killInFullFlow(topology, settings);
            long committed = broker.records(changelog(STORE)).size();

            App app = app(() -> topology.on(input), settings).start();
            Return back = new Return(
                    broker.end(changelog(STORE)) - endBefore,
                    committed,
                    app.restored().records(STORE),
                    !StateFolders.isMarked(storeFolder()));
            reporter.publishEntry("kill " + round, back.toString());
            returns.add(back);
            awaitProcessed(input);
            Map<String, Payload> contents = app.contents(STORE);
            app.close();
            assertThat(contents).isEqualTo(topology == ChildTopology.COUNTS ? counts() : documents());
            assertThat(contents).isEqualTo(Payload.decodeAll(broker.table(changelog(STORE))));
        }
        return returns;
    }

    /** Kills the application in the middle of a batch of writes, and under exactly-once of a transaction. */
    private void killInFullFlow(ChildTopology topology, Map<String, String> settings) {
        boolean transactional =
                settings.get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG).equals(EXACTLY_ONCE_V2);
        do {
            killWhileItWrites(topology, settings);
            // A kill can come just after a commit. Otherwise the broker still has an open transaction.
        } while (transactional && broker.uncommitted(changelog(STORE)) < 20);
    }

    private void killWhileItWrites(ChildTopology topology, Map<String, String> settings) {
        try (ChildProcess child = ChildProcess.start(topology, input, settings, folder.resolve("child.log"))) {
            sendUntilConsumed(child, sent + 300);
            StateFolders.mark(storeFolder());
            sendUntilConsumed(child, sent + 500);
            long end = broker.end(changelog(STORE));
            send(500);
            await("the first of the last records to be written")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> broker.end(changelog(STORE)) > end + 50);
            child.kill();
        }
    }

    /** Keeps sending, so that the child is never idle, until it has committed that many records. */
    private void sendUntilConsumed(ChildProcess child, int records) {
        await(records + " records to be processed")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    child.checkAlive();
                    send(30);
                    return broker.consumed(applicationId, input) >= records;
                });
    }

    private void send(int records) {
        for (int i = 0; i < records; i++) {
            broker.send(input, key(sent), document(sent).encode());
            sent++;
        }
        broker.flush();
    }

    private Path storeFolder() {
        return StateFolders.store(StateFolders.task(stateFolder(), applicationId, "0_0"), STORE);
    }

    private static String key(int number) {
        return "key-" + number % KEYS;
    }

    private static Payload document(int number) {
        return new Payload(key(number), number, 100 + number * 37 % 4000);
    }

    private Map<String, Payload> documents() {
        Map<String, Payload> documents = new TreeMap<>();
        for (int i = 0; i < sent; i++) {
            documents.put(key(i), document(i));
        }
        return documents;
    }

    private Map<String, Payload> counts() {
        Map<String, Payload> counts = new TreeMap<>();
        for (int i = 0; i < sent; i++) {
            Payload before = counts.get(key(i));
            counts.put(key(i), Topologies.count(key(i), before == null ? 1 : before.version() + 1));
        }
        return counts;
    }
}
