/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.apache.kafka.streams.StreamsConfig.consumerPrefix;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The application runs with each supported version of Kafka Streams, in a process that has no other version on its
 * class path, and moves from one to the next and back. The broker has always the same version.
 *
 * <p>{@code -Dversions.kill.rounds=30} for a long run, of about 50 kills.
 */
class KafkaVersionsIT extends KillLoop {

    private static final int ROUNDS = Integer.getInteger("versions.kill.rounds", 1);

    /** Enough for each key of {@link NumberedInput} to be written twice. */
    private static final int NUMBERS = 120;

    static List<KafkaLibraries> versions() throws IOException {
        return KafkaLibraries.all();
    }

    /** {@link KillLoopIT} runs with the version of the broker. */
    static List<KafkaLibraries> versionsOtherThanTheBrokers() throws IOException {
        return versions().stream()
                .filter(each -> !each.version().equals(AppInfoParser.getVersion()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("versionsOtherThanTheBrokers")
    void aKilledStoreIsNotWiped(KafkaLibraries version) throws Exception {
        kafka = version;
        properties = childProperties(EXACTLY_ONCE_V2);
        useClientSupplier(properties);
        killAgainAndAgain(true, ROUNDS);

        assertThat(wipes).isZero();
        assertThat(restored).isLessThan(changelogs().records());
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aStoreIsRestoredWholeOnlyWhenItsFolderIsGone(KafkaLibraries version) throws Exception {
        kafka = version;
        properties = childProperties(EXACTLY_ONCE_V2);
        sendSome(NUMBERS);
        runAndClose();
        assertThat(runAndClose().records()).as("after a clean close").isZero();

        Utils.delete(folder.resolve(STATE).toFile());
        assertThat(runAndClose().records())
                .as("without its folder")
                .isEqualTo(changelogs().records());
    }

    private ChildStart runAndClose() throws Exception {
        try (ChildJvm child = start(kafka, properties, "child")) {
            ChildStart start = child.awaitRunning(PATIENCE);
            assertHolds(child);
            child.closeCleanly(PATIENCE);
            return start;
        }
    }

    /** How the application is stopped before it moves to another version. */
    enum Leaving {
        AT_LEAST_ONCE_CLOSED(AT_LEAST_ONCE, false),
        EXACTLY_ONCE_CLOSED(EXACTLY_ONCE_V2, false),
        EXACTLY_ONCE_KILLED_WITH_THE_CLIENT_SUPPLIER(EXACTLY_ONCE_V2, true);

        private final String guarantee;
        private final boolean killed;

        Leaving(String guarantee, boolean killed) {
            this.guarantee = guarantee;
            this.killed = killed;
        }
    }

    @ParameterizedTest
    @EnumSource
    void noVersionWipesWhatTheOneBeforeOrAfterItLeft(Leaving leaving) throws Exception {
        properties = childProperties(leaving.guarantee);
        if (leaving.killed) {
            useClientSupplier(properties);
        }
        KafkaLibraries before = null;
        for (KafkaLibraries version : upAndDown()) {
            try (ChildJvm child = start(version, properties, "child")) {
                ChildStart start = child.awaitRunning(PATIENCE);
                if (before != null) {
                    String move = before + " to " + version;
                    assertThat(folders().countWiped()).as(move).isZero();
                    assertThat(start.records())
                            .as("restored, %s", move)
                            .isLessThanOrEqualTo(leaving.killed ? changelogs().records() / 2 : 0);
                }
                sendSome(NUMBERS);
                assertHolds(child);
                folders().mark();
                if (leaving.killed) {
                    sendSome(NUMBERS);
                    child.kill();
                } else {
                    child.closeCleanly(PATIENCE);
                }
            }
            before = version;
        }
    }

    private static List<KafkaLibraries> upAndDown() throws IOException {
        List<KafkaLibraries> all = versions();
        List<KafkaLibraries> way = new ArrayList<>(all);
        for (int i = all.size() - 2; i >= 0; i--) {
            way.add(all.get(i));
        }
        return way;
    }

    @Test
    void anUpgradeRollsThroughTwoInstancesWithStandbys() throws Exception {
        Map<String, ChildJvm> instances = new TreeMap<>();
        try {
            for (KafkaLibraries version : versions()) {
                for (String name : List.of("first", "second")) {
                    boolean upgraded = instances.containsKey(name);
                    sendSome(NUMBERS);
                    if (upgraded) {
                        instances.get(name).closeCleanly(PATIENCE);
                    }
                    instances.put(name, start(version, instance(name), name));
                    if (upgraded || instances.size() == 2) {
                        awaitHoldEverything(instances.values());
                        assertNotWiped(instances, version, upgraded);
                    }
                }
            }
        } finally {
            instances.values().forEach(ChildJvm::close);
        }
    }

    private Properties instance(String name) {
        Properties instance = properties(EXACTLY_ONCE_V2, name);
        useClientSupplier(instance);
        instance.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, "1");
        useShortSessions(instance);
        instance.put(consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), "200");
        return instance;
    }

    private void assertNotWiped(Map<String, ChildJvm> instances, KafkaLibraries version, boolean marked)
            throws IOException {
        for (String name : instances.keySet()) {
            if (marked) {
                assertThat(folders(name).countWiped())
                        .as("%s at %s", name, version)
                        .isZero();
            }
            folders(name).mark();
        }
    }

    private ChildJvm start(KafkaLibraries version, Properties settings, String name) throws InterruptedException {
        ChildJvm child = startChild(settings, version, name);
        assertThat(child.await("kafka", PATIENCE)).isEqualTo("kafka " + version.version());
        return child;
    }
}
