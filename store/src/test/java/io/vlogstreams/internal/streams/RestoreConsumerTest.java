/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** There is no broker, so no poll returns before its time is over. */
@Timeout(60)
class RestoreConsumerTest {

    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
    private final RestoreConsumer consumer = new RestoreConsumer(Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1", ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"));

    @AfterEach
    void close() {
        later.shutdownNow();
        consumer.close();
    }

    private void assign(int partitions) {
        List<TopicPartition> all = List.of(new TopicPartition("t", 0), new TopicPartition("t", 1));
        consumer.assign(all.subList(0, partitions));
        all.subList(0, partitions).forEach(partition -> consumer.seek(partition, 5));
    }

    @Test
    void theFirstPollAfterAnAssignmentDoesNotWait() {
        assign(1);
        assertThat(consumer.poll(FOR_EVER)).isEmpty();
        assign(2);
        assertThat(consumer.poll(FOR_EVER)).isEmpty();
        assertThat(consumer.position(new TopicPartition("t", 1))).isEqualTo(5);
    }

    @Test
    void theNextOneWaits() throws Exception {
        assign(1);
        consumer.poll(FOR_EVER);
        Future<?> wakeup = later.schedule(consumer::wakeup, 50, TimeUnit.MILLISECONDS);
        assertThatThrownBy(() -> consumer.poll(FOR_EVER)).isInstanceOf(WakeupException.class);
        wakeup.get();
    }
}
