/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class RestoreConsumerTest {

    private static final TopicPartition P0 = new TopicPartition("changelog", 0);
    private static final TopicPartition P1 = new TopicPartition("changelog", 1);
    private static final Duration POLL = Duration.ofMillis(100);

    /** Records the timeouts of its polls. */
    private static final class Watched extends MockConsumer<byte[], byte[]> {

        private final List<Duration> waits = new ArrayList<>();

        Watched() {
            super("none");
        }

        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            waits.add(timeout);
            return super.poll(timeout);
        }
    }

    private final Watched inside = new Watched();
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private final List<Set<TopicPartition>> asked = new ArrayList<>();
    private final Consumer<byte[], byte[]> consumer = consumer(false);

    private Consumer<byte[], byte[]> consumer(boolean firstPollWaits) {
        return RestoreConsumer.around(
                inside,
                partitions -> {
                    asked.add(partitions);
                    Map<TopicPartition, Long> found = new HashMap<>(ends);
                    found.keySet().retainAll(partitions);
                    return found;
                },
                firstPollWaits);
    }

    @Test
    void anOffsetThatTheChangelogDoesNotReachIsOutOfRangeInTheFirstPoll() {
        ends.put(P0, 100L);
        consumer.assign(List.of(P0));
        consumer.seek(P0, 101);
        assertThat(consumer.position(P0)).isEqualTo(101);
        assertThatThrownBy(() -> consumer.poll(POLL))
                .asInstanceOf(type(OffsetOutOfRangeException.class))
                .extracting(OffsetOutOfRangeException::offsetOutOfRangePartitions)
                .isEqualTo(Map.of(P0, 101L));
    }

    @Test
    void theEndItselfIsReached() {
        ends.put(P0, 100L);
        consumer.assign(List.of(P0));
        consumer.seek(P0, new OffsetAndMetadata(100));
        assertThat(consumer.poll(POLL)).isEmpty();
        assertThat(consumer.position(P0)).isEqualTo(100);
    }

    @Test
    void anEmptyChangelogReachesNothing() {
        ends.put(P0, 0L);
        consumer.assign(List.of(P0));
        consumer.seek(P0, new OffsetAndMetadata(1));
        assertThatThrownBy(() -> consumer.poll(POLL)).isInstanceOf(OffsetOutOfRangeException.class);
    }

    @Test
    void onlyThePartitionsThatAreBeyondAreNamedAndAllAreAskedForAtOnce() {
        ends.putAll(Map.of(P0, 7L, P1, 7L));
        consumer.assign(List.of(P0, P1));
        consumer.seek(P0, 7);
        consumer.seek(P1, 8);
        assertThatThrownBy(() -> consumer.poll(POLL))
                .asInstanceOf(type(OffsetOutOfRangeException.class))
                .extracting(OffsetOutOfRangeException::partitions)
                .isEqualTo(Set.of(P1));
        assertThat(asked).containsExactly(Set.of(P0, P1));

        // Streams continues without the corrupted task, and polls for the other.
        consumer.assign(List.of(P0));
        assertThat(consumer.poll(POLL)).isEmpty();
        assertThat(asked).hasSize(1);
    }

    @Test
    void aPausedPartitionIsCheckedToo() {
        ends.put(P0, 7L);
        consumer.assign(List.of(P0));
        consumer.pause(List.of(P0));
        consumer.seek(P0, 8);
        assertThatThrownBy(() -> consumer.poll(POLL)).isInstanceOf(OffsetOutOfRangeException.class);
    }

    @Test
    void eachSeekIsCheckedOnce() {
        ends.put(P0, 7L);
        consumer.assign(List.of(P0));
        consumer.seek(P0, 7);
        consumer.poll(POLL);
        consumer.poll(POLL);
        assertThat(asked).hasSize(1);
        consumer.seek(P0, 5);
        consumer.poll(POLL);
        assertThat(asked).hasSize(2);
    }

    @Test
    void aPartitionThatIsAddedIsCheckedAlone() {
        ends.putAll(Map.of(P0, 7L, P1, 7L));
        consumer.assign(List.of(P0));
        consumer.seek(P0, 7);
        consumer.poll(POLL);
        consumer.assign(List.of(P0, P1));
        consumer.seek(P1, 8);
        assertThatThrownBy(() -> consumer.poll(POLL)).isInstanceOf(OffsetOutOfRangeException.class);
        assertThat(asked).containsExactly(Set.of(P0), Set.of(P1));
    }

    @Test
    void whatIsReadFromTheBeginningNeedsNoCheck() {
        inside.updateBeginningOffsets(Map.of(P0, 3L));
        consumer.assign(List.of(P0, P1));
        consumer.seek(P0, 8);
        consumer.seekToBeginning(List.of(P0));
        consumer.seek(P1, 0);
        consumer.poll(POLL);
        assertThat(asked).isEmpty();
        assertThat(consumer.position(P0)).isEqualTo(3);
    }

    @Test
    void aPartitionThatWasTakenAwayIsNotCheckedAnyMore() {
        consumer.assign(List.of(P0));
        consumer.seek(P0, 8);
        consumer.unsubscribe();
        consumer.assign(List.of(P1));
        inside.updateBeginningOffsets(Map.of(P1, 0L));
        consumer.seekToBeginning(List.of(P1));
        consumer.poll(POLL);
        assertThat(asked).isEmpty();
    }

    /** Otherwise Streams would compare it with the end that it knows, and consider the store restored. */
    @Test
    void asLongAsTheEndIsNotKnownThePositionIsNotTold() {
        consumer.assign(List.of(P0, P1));
        consumer.seek(P0, 8);
        consumer.seek(P1, 8);
        ends.put(P1, 8L);
        consumer.poll(POLL);
        assertThatThrownBy(() -> consumer.position(P0)).isInstanceOf(TimeoutException.class);
        assertThat(consumer.position(P1)).isEqualTo(8);

        ends.put(P0, 8L);
        consumer.poll(POLL);
        assertThat(consumer.position(P0)).isEqualTo(8);
        assertThat(asked).containsExactly(Set.of(P0, P1), Set.of(P0));
    }

    @Test
    void recordsArriveAsTheyWould() {
        ends.put(P0, 7L);
        consumer.assign(List.of(P0));
        consumer.seek(P0, 5);
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("changelog", 0, 5, new byte[] {1}, new byte[] {2});
        inside.addRecord(record);
        assertThat(consumer.poll(POLL)).containsExactly(record);
        assertThat(consumer.position(P0)).isEqualTo(6);
    }

    @Test
    void exceptionsArriveAsTheyWould() {
        assertThatThrownBy(() -> consumer.position(P0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyTheFirstPollAfterAnAssignmentDoesNotWait() {
        consumer.assign(List.of(P0));
        inside.updateBeginningOffsets(Map.of(P0, 0L));
        consumer.seekToBeginning(List.of(P0));
        consumer.poll(POLL);
        consumer.poll(POLL);
        consumer.assign(List.of(P0));
        consumer.poll(POLL);
        assertThat(inside.waits).containsExactly(Duration.ZERO, POLL, Duration.ZERO);
    }

    @Test
    void anotherSuppliersConsumerWaitsAsItWould() {
        Consumer<byte[], byte[]> waiting = consumer(true);
        ends.put(P0, 5L);
        waiting.assign(List.of(P0));
        waiting.seek(P0, 5);
        waiting.poll(POLL);
        assertThat(inside.waits).containsExactly(POLL);
    }
}
