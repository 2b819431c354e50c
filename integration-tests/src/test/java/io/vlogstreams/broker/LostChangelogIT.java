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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Changelogs, and topics of global stores, that end before the offset of a store. The store must end up with the
 * content of the changelog, whatever it held. One thread has several tasks, because then it detects this later than
 * with one.
 */
class LostChangelogIT extends BrokerTest {

    private static final int PARTITIONS = 4;
    private static final int KEYS = 40;

    private String input;

    /** Does the same as the application reset tool, but the local state stays. */
    @ParameterizedTest
    @CsvSource({
        AT_LEAST_ONCE + ", true",
        AT_LEAST_ONCE + ", false",
        EXACTLY_ONCE_V2 + ", true",
        EXACTLY_ONCE_V2 + ", false"
    })
    void afterAResetEverythingIsCountedOnce(String guarantee, boolean supplier) {
        input = topic("input", PARTITIONS);
        App first = app(this::counts, settings(guarantee, supplier)).start();
        send(0, 5 * KEYS);
        awaitProcessed(input);
        Map<String, Payload> expected = first.contents(STORE);
        assertThat(expected).hasSize(KEYS);
        first.close();

        broker.delete(changelog(STORE));
        broker.deleteGroup(applicationId);
        App again = app(this::counts, settings(guarantee, supplier)).start();
        awaitProcessed(input);
        assertThat(again.contents(STORE)).isEqualTo(expected);
        again.close();
        assertThat(app(this::counts, settings(guarantee, supplier)).start().contents(STORE))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        AT_LEAST_ONCE + ", true",
        AT_LEAST_ONCE + ", false",
        EXACTLY_ONCE_V2 + ", true",
        EXACTLY_ONCE_V2 + ", false"
    })
    void aChangelogThatComesBackWithoutItsEndCounts(String guarantee, boolean supplier) {
        input = topic("input", PARTITIONS);
        App first = app(this::documents, settings(guarantee, supplier)).start();
        send(0, KEYS);
        awaitProcessed(input);
        first.close();

        cutEnd(changelog(STORE));
        Map<String, Payload> left = Payload.decodeAll(broker.table(changelog(STORE)));
        assertThat(left).hasSizeBetween(1, KEYS - 1);
        App again = app(this::documents, settings(guarantee, supplier)).start();
        assertThat(again.contents(STORE)).isEqualTo(left);
        again.close();
        App last = app(this::documents, settings(guarantee, supplier)).start();
        assertThat(last.contents(STORE)).isEqualTo(left);
        assertThat(last.restored().records(STORE)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        AT_LEAST_ONCE + ", true",
        AT_LEAST_ONCE + ", false",
        EXACTLY_ONCE_V2 + ", true",
        EXACTLY_ONCE_V2 + ", false"
    })
    void aFolderThatIsOlderThanItsChangelogsBeginningIsNotBelieved(String guarantee, boolean supplier)
            throws IOException {
        input = topic("input", PARTITIONS);
        App first = app(this::documents, settings(guarantee, supplier)).start();
        send(0, KEYS);
        awaitProcessed(input);
        first.close();
        Path backup = folder.resolve("backup");
        copy(stateFolder(), backup);
        App second = app(this::documents, settings(guarantee, supplier)).start();
        send(0, KEYS / 2);
        awaitProcessed(input);
        second.close();

        broker.configure(changelog(STORE), "cleanup.policy", "delete");
        Map<TopicPartition, Long> last = new HashMap<>();
        broker.records(changelog(STORE))
                .forEach(record -> last.put(new TopicPartition(record.topic(), record.partition()), record.offset()));
        broker.deleteRecords(last);
        Map<String, Payload> left = Payload.decodeAll(broker.table(changelog(STORE)));
        Utils.delete(stateFolder().toFile());
        copy(backup, stateFolder());
        App again = app(this::documents, settings(guarantee, supplier)).start();
        assertThat(again.contents(STORE)).isEqualTo(left);
    }

    @ParameterizedTest
    @CsvSource({
        AT_LEAST_ONCE + ", true",
        AT_LEAST_ONCE + ", false",
        EXACTLY_ONCE_V2 + ", true",
        EXACTLY_ONCE_V2 + ", false"
    })
    void standbysFollowTheChangelogToo(String guarantee, boolean supplier) {
        input = topic("input", PARTITIONS);
        Map<String, String> settings =
                with(settings(guarantee, supplier), Map.of(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, "1"));
        App one = app(this::documents, settings, folder.resolve("one")).start();
        App two = app(this::documents, settings, folder.resolve("two")).start();
        send(0, KEYS);
        awaitProcessed(input);
        Map<String, Payload> all = Payload.decodeAll(broker.table(changelog(STORE)));
        awaitEverywhere(one, all);
        awaitEverywhere(two, all);
        one.close();
        two.close();

        cutEnd(changelog(STORE));
        Map<String, Payload> left = Payload.decodeAll(broker.table(changelog(STORE)));
        App oneAgain = app(this::documents, settings, folder.resolve("one")).launch();
        App twoAgain = app(this::documents, settings, folder.resolve("two")).launch();
        oneAgain.awaitRunning();
        twoAgain.awaitRunning();
        awaitEverywhere(oneAgain, left);
        awaitEverywhere(twoAgain, left);
    }

    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void aGlobalTableIsRightAtOnceWithTheSupplier(String guarantee) {
        Map<String, Payload> left = fillGlobalTableAndCutItsTopic(settings(guarantee, true));
        App again = app(this::globalTable, settings(guarantee, true)).start();
        assertThat(again.contents(STORE)).isEqualTo(left);
        again.close();
        App last = app(this::globalTable, settings(guarantee, true)).start();
        assertThat(last.contents(STORE)).isEqualTo(left);
        assertThat(last.restored().records(STORE)).isZero();
    }

    /** Kafka Streams detects this with its next fetch, deletes the store and stops with an error. */
    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void aGlobalTableIsRightAfterAFailedStartWithoutTheSupplier(String guarantee) {
        Map<String, Payload> left = fillGlobalTableAndCutItsTopic(settings(guarantee, false));
        App failing = app(this::globalTable, settings(guarantee, false)).expectingFailure();
        failing.launch();
        await("the global thread to fail").atMost(PATIENCE).until(failing::hasFailed);
        failing.close();
        assertThat(app(this::globalTable, settings(guarantee, false)).start().contents(STORE))
                .isEqualTo(left);
    }

    private Map<String, Payload> fillGlobalTableAndCutItsTopic(Map<String, String> settings) {
        input = topic("input", PARTITIONS);
        send(0, KEYS);
        App first = app(this::globalTable, settings).start();
        assertThat(first.contents(STORE)).hasSize(KEYS);
        first.close();
        cutEnd(input);
        return Payload.decodeAll(broker.table(input));
    }

    private Topology counts() {
        return Topologies.counts(input);
    }

    private Topology documents() {
        return Topologies.documents(input, StoreFormat.PLAIN);
    }

    private Topology globalTable() {
        return Topologies.globalTable(input);
    }

    private Map<String, String> settings(String guarantee, boolean supplier) {
        // Without the supplier Kafka Streams detects this only if the first fetch is answered within poll.ms.
        return with(
                guarantee(guarantee),
                supplier
                        ? Map.of(StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG, VLogKafkaClientSupplier.class.getName())
                        : Map.of(StreamsConfig.POLL_MS_CONFIG, "3000"));
    }

    private void send(int from, int to) {
        for (int i = from; i < to; i++) {
            String key = "key-" + i % KEYS;
            broker.send(input, key, Payload.of(key, i).encode());
        }
        broker.flush();
    }

    /** Recreates the topic with the first half of its records. */
    private void cutEnd(String topic) {
        List<ConsumerRecord<String, byte[]>> records = broker.records(topic);
        Map<Integer, List<ConsumerRecord<String, byte[]>>> byPartition = new TreeMap<>();
        records.forEach(record -> byPartition
                .computeIfAbsent(record.partition(), partition -> new ArrayList<>())
                .add(record));
        List<ConsumerRecord<String, byte[]>> kept = byPartition.values().stream()
                .flatMap(each -> each.subList(0, each.size() / 2).stream())
                .toList();
        broker.replace(topic, PARTITIONS, kept);
    }

    private static void awaitEverywhere(App app, Map<String, Payload> expected) {
        await("active stores and standbys to have what the changelog has")
                .atMost(PATIENCE)
                .untilAsserted(() -> {
                    app.checkAlive();
                    assertThat(App.contents(app.storeOrStandby(STORE))).isEqualTo(expected);
                });
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        }
    }
}
