/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.apache.kafka.streams.StreamsConfig.producerPrefix;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.kill.NumbersTopology.Disturbance;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Writes of an aborted transaction are not visible afterwards, whoever aborts it. */
class AbortedTransactionIT extends KillTest {

    private Properties properties;

    @BeforeEach
    void configure() {
        properties = properties(EXACTLY_ONCE_V2, "state");
        useClientSupplier(properties);
        useShortSessions(properties);
    }

    @Test
    void aProcessorThatThrowsAfterItsPutsLeavesNothing() throws Exception {
        disturb(100, input -> {
            throw new IllegalStateException("thrown by the test at number " + Tally.number(input));
        });
    }

    @Test
    void aTransactionThatTimesOutLeavesNothing() throws Exception {
        properties.put(producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), "2000");
        disturb(200, input -> sleep(5));
    }

    @Test
    void aFencedProducerLeavesNothing() throws Exception {
        input.flow();
        try (LocalApp app = LocalApp.start(properties, Disturbance.NONE)) {
            for (int round = 1; round <= 3; round++) {
                TimeUnit.SECONDS.sleep(1);
                List<String> ids = broker().transactionalIds(applicationId);
                assertThat(ids).isNotEmpty();
                ids.forEach(AbortedTransactionIT::fence);
            }
            TimeUnit.SECONDS.sleep(1);
            verify(app);
        }
        verifyAfterRestart();
    }

    private static void sleep(int seconds) {
        try {
            TimeUnit.SECONDS.sleep(seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Fences the producer, as a second instance with the same id would when it starts. */
    private static void fence(String transactionalId) {
        try (var producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker().bootstrapServers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        transactionalId),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.initTransactions();
        }
    }

    private void disturb(int every, Disturbance disturbance) throws Exception {
        DisturbedNumbers disturbed = new DisturbedNumbers(every);
        input.flow();
        try (LocalApp app = LocalApp.start(properties, disturbance.of(disturbed))) {
            await("disturbances", disturbed::areDone);
            verify(app);
        }
        verifyAfterRestart();
    }

    private void verify(LocalApp app) throws InterruptedException {
        drain();
        app.awaitRunning();
        StoreContents expected = input.expected();
        assertSame("changelog", committed(), expected);
        assertSame("stores", app.contents(), expected);
    }

    private void verifyAfterRestart() throws InterruptedException {
        try (LocalApp app = LocalApp.start(properties, Disturbance.NONE)) {
            verify(app);
        }
    }
}
