/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The base of tests with a broker: unique names, and applications that are closed at the end. All classes share one
 * broker, which {@link SharedBroker} starts for the first and stops after the last.
 */
@ExtendWith(SharedBroker.class)
@Timeout(300)
abstract class BrokerTest {

    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final AtomicInteger NUMBER = new AtomicInteger();

    @TempDir
    Path folder;

    /** Set by {@link SharedBroker}. */
    Broker broker;

    /** The application id of the test, unique. */
    String applicationId;

    private final List<App> apps = new ArrayList<>();

    @BeforeEach
    void name(TestInfo test) {
        applicationId = test.getTestClass().orElseThrow().getSimpleName() + "-" + NUMBER.incrementAndGet();
    }

    @AfterEach
    void closeApps() {
        apps.forEach(App::close);
    }

    String topic(String name, int partitions) {
        return broker.createTopic(applicationId + "-" + name, partitions);
    }

    String changelog(String store) {
        return applicationId + "-" + store + "-changelog";
    }

    Path stateFolder() {
        return folder.resolve("state");
    }

    /** Creates an application of this test with its state in {@link #stateFolder()}; it is not started. */
    App app(Supplier<Topology> topology, Map<String, String> settings) {
        return app(topology, settings, stateFolder());
    }

    App app(Supplier<Topology> topology, Map<String, String> settings, Path stateFolder) {
        App app = new App(topology.get(), settings(settings, stateFolder));
        apps.add(app);
        return app;
    }

    /** Returns the Streams properties of an application of this test. */
    Map<String, String> settings(Map<String, String> settings, Path stateFolder) {
        Map<String, String> all = new HashMap<>(Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG,
                applicationId,
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.bootstrapServers(),
                StreamsConfig.STATE_DIR_CONFIG,
                stateFolder.toString(),
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                "100",
                StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG,
                "0",
                // Members learn of a rebalance from their heartbeat.
                StreamsConfig.consumerPrefix("heartbeat.interval.ms"),
                "200",
                StreamsConfig.producerPrefix("max.request.size"),
                String.valueOf(Broker.RECORD_BYTES_MAX),
                StreamsConfig.producerPrefix("linger.ms"),
                "5"));
        all.putAll(settings);
        return all;
    }

    static Map<String, String> guarantee(String guarantee) {
        return Map.of(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
    }

    static Map<String, String> with(Map<String, String> settings, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(settings);
        all.putAll(more);
        return all;
    }

    /** Waits until the application has processed and committed all records of the topic. */
    void awaitProcessed(String topic) {
        awaitProcessed(applicationId, List.of(topic));
    }

    void awaitProcessed(String application, List<String> topics) {
        broker.flush();
        for (String topic : topics) {
            long end = broker.end(topic);
            await(topic + " to be processed up to " + end)
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        apps.forEach(App::checkAlive);
                        return broker.consumed(application, topic) == end;
                    });
        }
    }
}
