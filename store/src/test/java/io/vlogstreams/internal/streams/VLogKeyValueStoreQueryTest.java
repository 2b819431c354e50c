/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.CHANGELOG;
import static io.vlogstreams.internal.streams.TestKeyValueStore.drain;
import static io.vlogstreams.internal.streams.TestKeyValueStore.key;
import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static io.vlogstreams.internal.streams.TestKeyValueStore.text;
import static io.vlogstreams.internal.streams.TestKeyValueStore.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig.InternalConfig;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.internals.PositionSerde;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The position, and interactive queries (IQv2) against it. */
class VLogKeyValueStoreQueryTest {

    private static final QueryConfig QUIET = new QueryConfig(false);

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @BeforeEach
    void open() {
        test = TestKeyValueStore.in(temp.resolve("task"))
                .with(InternalConfig.IQ_CONSISTENCY_OFFSET_VECTOR_ENABLED, true)
                .open();
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void thePositionIsEmptyAtFirst() {
        assertThat(test.store().getPosition()).isEqualTo(Position.emptyPosition());
    }

    @Test
    void thePositionIsThereBeforeTheStoreIsOpen() {
        assertThat(TestKeyValueStore.in(temp.resolve("other")).create().store().getPosition())
                .isEqualTo(Position.emptyPosition());
    }

    @Test
    void thePositionIsOneAndTheSameInstanceWhileTheStoreIsOpen() {
        Position first = test.store().getPosition();
        put("a", "1", 7);
        test.commit(1);
        assertThat(test.store().getPosition()).isSameAs(first);
    }

    @Test
    void everyWriteMovesThePosition() {
        put("a", "1", 1);
        assertThat(position("input")).isEqualTo(Map.of(0, 1L));
        test.context().processing("input", 0, 2);
        test.store().putIfAbsent(key("b"), value("1"));
        assertThat(position("input")).isEqualTo(Map.of(0, 2L));
        test.context().processing("input", 1, 3);
        test.store().putAll(List.of());
        assertThat(position("input")).isEqualTo(Map.of(0, 2L, 1, 3L));
        test.context().processing("other", 0, 4);
        test.store().delete(key("a"));
        assertThat(position("other")).isEqualTo(Map.of(0, 4L));
    }

    @Test
    void aWriteWithoutARecordLeavesThePosition() {
        test.put("a", "1");
        assertThat(test.store().getPosition()).isEqualTo(Position.emptyPosition());
    }

    @Test
    void aReadLeavesThePosition() {
        put("a", "1", 1);
        test.context().processing("input", 0, 9);
        test.get("a");
        test.all();
        assertThat(position("input")).isEqualTo(Map.of(0, 1L));
    }

    @Test
    void thePositionIsCommittedWithTheData() throws IOException {
        put("a", large("1"), 5);
        test.commit(1);
        put("b", large("1"), 6);
        try (TestKeyValueStore survivor = test.killed(temp.resolve("killed")).open()) {
            assertThat(survivor.store().getPosition().getPartitionPositions("input"))
                    .isEqualTo(Map.of(0, 5L));
        }
    }

    @Test
    void thePositionIsNotInAFileOfItsOwn() throws IOException {
        put("a", "1", 5);
        test.commit(1);
        try (Stream<Path> files = Files.list(temp.resolve("task"))) {
            assertThat(files).containsExactly(temp.resolve("task").resolve("vlog"));
        }
    }

    @Test
    void restoredRecordsMoveThePositionIfTheyCarryOne() {
        test.context().restore(List.of(changelogRecord(8, Position.fromMap(Map.of("input", Map.of(0, 41L))))));
        test.context().restore(List.of(changelogRecord(9, Position.fromMap(Map.of("input", Map.of(1, 5L))))));
        assertThat(position("input")).isEqualTo(Map.of(0, 41L, 1, 5L));
        test.reopen();
        assertThat(position("input")).isEqualTo(Map.of(0, 41L, 1, 5L));
    }

    @Test
    void restoredRecordsWithoutAPositionLeaveIt() {
        test.restore(0, "a", "1");
        assertThat(test.store().getPosition()).isEqualTo(Position.emptyPosition());
    }

    @Test
    void aKeyQueryReturnsTheValue() {
        put("a", large("1"), 1);
        QueryResult<byte[]> result = query(KeyQuery.withKey(key("a")));
        assertThat(result.isSuccess()).isTrue();
        assertThat(text(result.getResult())).isEqualTo(large("1"));
        assertThat(result.getPosition()).isEqualTo(test.store().getPosition());
    }

    @Test
    void aKeyQueryForAnAbsentKeySucceedsWithNull() {
        QueryResult<byte[]> result = query(KeyQuery.withKey(key("a")));
        assertThat(result.isSuccess()).isTrue();
        assertThat(result.getResult()).isNull();
    }

    @Test
    void aRangeQueryReturnsTheRangeInOrder() {
        putAToD();
        assertThat(entries(query(RangeQuery.withRange(key("b"), key("c"))))).containsExactly("b=1", "c=1");
        assertThat(entries(query(
                        RangeQuery.<Bytes, byte[]>withRange(key("b"), key("c")).withDescendingKeys())))
                .containsExactly("c=1", "b=1");
        assertThat(entries(query(
                        RangeQuery.<Bytes, byte[]>withRange(key("b"), key("c")).withAscendingKeys())))
                .containsExactly("b=1", "c=1");
    }

    @Test
    void aRangeQueryMayBeOpenAtEitherEnd() {
        putAToD();
        assertThat(entries(query(RangeQuery.withUpperBound(key("b"))))).containsExactly("a=1", "b=1");
        assertThat(entries(query(RangeQuery.withLowerBound(key("c"))))).containsExactly("c=1", "d=1");
        assertThat(entries(query(RangeQuery.withNoBounds()))).containsExactly("a=1", "b=1", "c=1", "d=1");
        assertThat(entries(query(RangeQuery.<Bytes, byte[]>withNoBounds().withDescendingKeys())))
                .containsExactly("d=1", "c=1", "b=1", "a=1");
    }

    @Test
    void aBoundThatIsReachedIsAnswered() {
        put("a", "1", 10);
        for (long wanted : new long[] {9, 10}) {
            assertThat(query(KeyQuery.withKey(key("a")), bound("input", 0, wanted))
                            .isSuccess())
                    .as("bound %s", wanted)
                    .isTrue();
        }
    }

    @Test
    void aBoundThatIsNotReachedIsRefused() {
        put("a", "1", 10);
        QueryResult<?> result = query(KeyQuery.withKey(key("a")), bound("input", 0, 11));
        assertThat(result.isFailure()).isTrue();
        assertThat(result.getFailureReason()).isEqualTo(FailureReason.NOT_UP_TO_BOUND);
        assertThat(query(RangeQuery.withNoBounds(), bound("input", 0, 11)).getFailureReason())
                .isEqualTo(FailureReason.NOT_UP_TO_BOUND);
    }

    @Test
    void aBoundOnATopicThatWasNeverSeenIsRefused() {
        put("a", "1", 10);
        assertThat(query(KeyQuery.withKey(key("a")), bound("unseen", 0, 0)).isFailure())
                .isTrue();
    }

    @Test
    void aBoundOnAnotherPartitionDoesNotMatter() {
        put("a", "1", 10);
        assertThat(query(KeyQuery.withKey(key("a")), bound("input", 3, 1000)).isSuccess())
                .isTrue();
    }

    /** Covers ranges and keys; a repeated query must not leave an iterator open. */
    @Test
    void whatAStandbyRestoresMeanwhileIsNeverOlderThanThePosition() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        Thread restorer = new Thread(() -> {
            for (byte i = 1; i < Byte.MAX_VALUE && !done.get(); i++) {
                test.context().restore(List.of(changelogRecord(i, Position.fromMap(Map.of("input", Map.of(0, (long)
                        i))))));
                LockSupport.parkNanos(1_000_000);
            }
        });
        restorer.start();
        try {
            while (restorer.isAlive()) {
                QueryResult<byte[]> key = query(KeyQuery.withKey(Bytes.wrap(new byte[] {1})));
                assertThat(key.getResult() == null ? 0 : key.getResult()[0]).isGreaterThanOrEqualTo(offsetOf(key));
                QueryResult<KeyValueIterator<Bytes, byte[]>> range = query(RangeQuery.withNoBounds());
                try (KeyValueIterator<Bytes, byte[]> entries = range.getResult()) {
                    assertThat(entries.hasNext() ? entries.next().value[0] : 0).isGreaterThanOrEqualTo(offsetOf(range));
                }
            }
        } finally {
            done.set(true);
            restorer.join();
        }
        QueryResult<byte[]> last = query(KeyQuery.withKey(Bytes.wrap(new byte[] {1})));
        assertThat(last.getResult()).containsExactly(offsetOf(last));
        assertThat(StoreMetricsTest.byName(test.context()).get("open-iterators").toString())
                .matches("0|0.0");
    }

    private static byte offsetOf(QueryResult<?> result) {
        Map<Integer, Long> input = result.getPosition().getPartitionPositions("input");
        return input.getOrDefault(0, 0L).byteValue();
    }

    @Test
    void anUnknownQueryIsAnsweredAsUnknown() {
        QueryResult<String> result = query(new UnknownQuery());
        assertThat(result.isFailure()).isTrue();
        assertThat(result.getFailureReason()).isEqualTo(FailureReason.UNKNOWN_QUERY_TYPE);
    }

    @Test
    void executionInfoIsGivenWhenAskedFor() {
        QueryResult<byte[]> informed =
                test.store().query(KeyQuery.withKey(key("a")), PositionBound.unbounded(), new QueryConfig(true));
        assertThat(informed.getExecutionInfo()).hasSize(1).first().asString().contains("VLogKeyValueStore");
        assertThat(query(KeyQuery.<Bytes, byte[]>withKey(key("a"))).getExecutionInfo())
                .isEmpty();
    }

    @Test
    void aDamagedValueFailsItsQueryOnly() throws IOException {
        put("a", large("1"), 1);
        put("b", "small", 2);
        test.commit(1);
        Path file = test.folder().resolve("vlog").resolve("00000000000000000001.vlog");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 10] ^= 1;
        Files.write(file, bytes);
        QueryResult<byte[]> result = query(KeyQuery.withKey(key("a")));
        assertThat(result.getFailureReason()).isEqualTo(FailureReason.STORE_EXCEPTION);
        assertThat(result.getFailureMessage()).contains(file.getFileName().toString());
        assertThat(query(KeyQuery.withKey(key("b"))).isSuccess()).isTrue();
    }

    @Test
    void positionsSurviveTheirEncoding() throws IOException {
        Position position = Position.emptyPosition();
        for (int i = 0; i < 5; i++) {
            position.withComponent("topic-" + i, i, Long.MAX_VALUE - i).withComponent("topic-" + i, i + 1, 0);
        }
        assertThat(PositionCodec.decode(PositionCodec.encode(position))).isEqualTo(position);
        assertThat(PositionCodec.encode(Position.emptyPosition())).isEmpty();
        assertThat(PositionCodec.decode(new byte[0])).isEqualTo(Position.emptyPosition());
    }

    @Test
    void aPositionOfAnotherVersionOrCutIsRefused() {
        byte[] encoded = PositionCodec.encode(Position.emptyPosition().withComponent("topic", 1, 2));
        byte[] later = encoded.clone();
        later[0] = 2;
        assertThatThrownBy(() -> PositionCodec.decode(later)).isInstanceOf(IOException.class);
        for (int length = 1; length < encoded.length; length++) {
            byte[] cut = Arrays.copyOf(encoded, length);
            assertThatThrownBy(() -> PositionCodec.decode(cut))
                    .as("cut to %s", length)
                    .isInstanceOf(IOException.class);
        }
    }

    private static final class UnknownQuery implements Query<String> {}

    private void put(String key, String value, long offset) {
        test.context().processing("input", 0, offset);
        test.put(key, value);
    }

    private void putAToD() {
        for (String key : List.of("a", "b", "c", "d")) {
            test.put(key, "1");
        }
    }

    private Map<Integer, Long> position(String topic) {
        return test.store().getPosition().getPartitionPositions(topic);
    }

    private <R> QueryResult<R> query(Query<R> query) {
        return query(query, PositionBound.unbounded());
    }

    private <R> QueryResult<R> query(Query<R> query, PositionBound bound) {
        return test.store().query(query, bound, QUIET);
    }

    private static PositionBound bound(String topic, int partition, long offset) {
        return PositionBound.at(Position.emptyPosition().withComponent(topic, partition, offset));
    }

    private static List<String> entries(QueryResult<KeyValueIterator<Bytes, byte[]>> result) {
        return drain(result.getResult());
    }

    /** Returns a changelog record with the headers that Streams writes for consistent queries. */
    private static ConsumerRecord<byte[], byte[]> changelogRecord(long offset, Position position) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("v", new byte[] {0});
        headers.add("c", PositionSerde.serialize(position).array());
        return new ConsumerRecord<>(
                CHANGELOG.topic(),
                CHANGELOG.partition(),
                offset,
                0L,
                TimestampType.CREATE_TIME,
                1,
                1,
                new byte[] {1},
                new byte[] {(byte) offset},
                headers,
                Optional.empty());
    }
}
