/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.key;
import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vlogstreams.VLogConfig;
import io.vlogstreams.VLogKeyIterator;
import io.vlogstreams.VLogKeysQuery;
import io.vlogstreams.internal.cleanup.CleanupThread;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.ResultOrder;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Queries for keys on the store below the layers of Kafka Streams; random histories are in RandomHistoryTest.
 */
class VLogKeysQueryTest {

    private static final Serde<String> TEXT = Serdes.String();

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @BeforeEach
    void open() {
        test = TestKeyValueStore.in(temp.resolve("task")).open();
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void allKeysComeInOrder() {
        putAToD();
        assertThat(keys(VLogKeysQuery.withNoBounds(TEXT))).containsExactly("a", "b", "c", "d");
        assertThat(keys(VLogKeysQuery.withNoBounds(TEXT).withDescendingKeys())).containsExactly("d", "c", "b", "a");
        assertThat(keys(VLogKeysQuery.withNoBounds(TEXT).withDescendingKeys().withAscendingKeys()))
                .containsExactly("a", "b", "c", "d");
    }

    @Test
    void bothBoundsOfARangeAreIncluded() {
        putAToD();
        assertThat(keys(VLogKeysQuery.withRange("b", "c", TEXT))).containsExactly("b", "c");
        assertThat(keys(VLogKeysQuery.withRange("b", "c", TEXT).withDescendingKeys()))
                .containsExactly("c", "b");
        assertThat(keys(VLogKeysQuery.withRange("aa", "bb", TEXT))).containsExactly("b");
    }

    @Test
    void aRangeMayBeOpenAtEitherEnd() {
        putAToD();
        assertThat(keys(VLogKeysQuery.withLowerBound("c", TEXT))).containsExactly("c", "d");
        assertThat(keys(VLogKeysQuery.withUpperBound("b", TEXT))).containsExactly("a", "b");
        assertThat(keys(VLogKeysQuery.withRange(null, "b", TEXT).withDescendingKeys()))
                .containsExactly("b", "a");
        assertThat(keys(VLogKeysQuery.withRange("c", null, TEXT))).containsExactly("c", "d");
    }

    @Test
    void aPrefixMayBeOfAnotherType() {
        for (String key : List.of("a", "ab", "abc", "b", "ac")) {
            test.put(key, large(1));
        }
        assertThat(keys(VLogKeysQuery.withPrefix("ab", TEXT.serializer(), TEXT)))
                .containsExactly("ab", "abc");
        VLogKeysQuery<String> ofOneByte = VLogKeysQuery.withPrefix(new byte[] {'a'}, new ByteArraySerializer(), TEXT);
        assertThat(keys(ofOneByte.withDescendingKeys())).containsExactly("ac", "abc", "ab", "a");
        assertThat(keys(VLogKeysQuery.withPrefix("c", TEXT.serializer(), TEXT))).isEmpty();
        assertThat(ofOneByte.getPrefix()).contains(new byte[] {'a'});
        assertThat(VLogKeysQuery.withNoBounds(TEXT).getPrefix()).isEmpty();
    }

    @Test
    void aRangeTheWrongWayRoundIsEmpty() {
        putAToD();
        test.commit(1);
        test.put("bb", large(2));
        assertThat(keys(VLogKeysQuery.withRange("c", "b", TEXT))).isEmpty();
        assertThat(keys(VLogKeysQuery.withRange("c", "b", TEXT).withDescendingKeys()))
                .isEmpty();
    }

    @Test
    void aQueryTellsWhatItAsksFor() {
        VLogKeysQuery<String> query = VLogKeysQuery.withRange("a", "b", TEXT);
        assertThat(query.getLowerBound()).contains("a");
        assertThat(query.getUpperBound()).contains("b");
        assertThat(query.keySerde()).isSameAs(TEXT);
        assertThat(query.resultOrder()).isEqualTo(ResultOrder.ANY);
        assertThat(query.withAscendingKeys().resultOrder()).isEqualTo(ResultOrder.ASCENDING);
        assertThat(query.withDescendingKeys().resultOrder()).isEqualTo(ResultOrder.DESCENDING);
        assertThat(VLogKeysQuery.withNoBounds(TEXT).getLowerBound()).isEmpty();
        assertThat(VLogKeysQuery.withNoBounds(TEXT).getUpperBound()).isEmpty();
    }

    @Test
    void peekingDoesNotGoOn() {
        putAToD();
        try (VLogKeyIterator<String> keys = open(VLogKeysQuery.withLowerBound("d", TEXT))) {
            assertThat(keys.peekNextKey()).isEqualTo("d");
            assertThat(keys.peekNextKey()).isEqualTo("d");
            assertThat(keys.next()).isEqualTo("d");
            assertThat(keys.hasNext()).isFalse();
            assertThatThrownBy(keys::peekNextKey).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(keys::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void whatIsPutOrDeletedInTheLoopDoesNotShow() {
        putAToD();
        test.commit(1);
        List<String> seen = new ArrayList<>();
        try (VLogKeyIterator<String> keys = open(VLogKeysQuery.withNoBounds(TEXT))) {
            keys.forEachRemaining(key -> {
                seen.add(key);
                test.store().delete(key("d"));
                test.put(key + "+", large(2));
            });
        }
        assertThat(seen).containsExactly("a", "b", "c", "d");
        assertThat(keys(VLogKeysQuery.withNoBounds(TEXT))).containsExactly("a", "a+", "b", "b+", "c", "c+", "d+");
    }

    @Test
    void noValueIsReadAndNothingIsPinned() {
        putAToD();
        test.commit(1);
        try (VLogKeyIterator<String> keys = open(VLogKeysQuery.withNoBounds(TEXT))) {
            assertThat(keys).toIterable().hasSize(4);
            assertThat(metric("reads-total")).isZero();
            assertThat(metric("open-iterators")).isZero();
        }
    }

    @Test
    void theSerdeIsToldTheChangelog() {
        putAToD();
        Set<String> topics = new TreeSet<>();
        Serializer<String> serializer = (topic, key) -> {
            topics.add("serialize " + topic);
            return key.getBytes(UTF_8);
        };
        Deserializer<String> deserializer = (topic, bytes) -> {
            topics.add("deserialize " + topic);
            return new String(bytes, UTF_8);
        };
        assertThat(keys(VLogKeysQuery.withLowerBound("d", Serdes.serdeFrom(serializer, deserializer))))
                .containsExactly("d");
        String changelog = test.context().applicationId() + "-" + TestKeyValueStore.NAME + "-changelog";
        assertThat(topics).containsExactly("deserialize " + changelog, "serialize " + changelog);
    }

    @Test
    void aBoundThatCannotBeSerializedFailsTheQuery() {
        Serializer<String> broken = (topic, key) -> {
            throw new SerializationException("no such key");
        };
        QueryResult<?> result =
                query(VLogKeysQuery.withLowerBound("a", Serdes.serdeFrom(broken, TEXT.deserializer())), 0);
        assertThat(result.getFailureReason()).isEqualTo(FailureReason.STORE_EXCEPTION);
        assertThat(result.getFailureMessage()).contains("no such key");
    }

    @Test
    void aQueryBeyondThePositionIsRefused() {
        test.context().processing("input", 0, 5);
        test.put("a", large(1));
        assertThat(query(VLogKeysQuery.withNoBounds(TEXT), 6).getFailureReason())
                .isEqualTo(FailureReason.NOT_UP_TO_BOUND);
        QueryResult<VLogKeyIterator<String>> reached = query(VLogKeysQuery.withNoBounds(TEXT), 5);
        assertThat(drain(reached.getResult())).containsExactly("a");
        assertThat(reached.getPosition()).isEqualTo(test.store().getPosition());
    }

    /** Position and keys match: a batch that a standby restores during the query is in both or in neither. */
    @Test
    void aQueryIsRepeatedIfABatchWasRestoredMeanwhile() {
        test.restore(1, "a", large(1), "b", large(1));
        AtomicInteger runs = new AtomicInteger();
        Serializer<String> restoring = (topic, key) -> {
            if (runs.incrementAndGet() == 1) {
                test.restore(3, "a", null, "c", large(1));
            }
            return key.getBytes(UTF_8);
        };
        VLogKeysQuery<String> query =
                VLogKeysQuery.withLowerBound("a", Serdes.serdeFrom(restoring, TEXT.deserializer()));
        assertThat(keys(query)).containsExactly("b", "c");
        assertThat(runs).hasValue(2);
    }

    /** Data and position match by then, so a query is not repeated until its attempts are exhausted. */
    @Test
    void aRestoreThatWaitsForTheCleanupKeepsNoQueryFromItsAnswer() throws Exception {
        test.close();
        test = TestKeyValueStore.in(temp.resolve("waiting"))
                .with(VLogConfig.CLEANUP_SLICE_MS, 10_000)
                .with(VLogConfig.SPACE_AMPLIFICATION_MAX, 1.2)
                .open();
        CountDownLatch deletionsGoOn = new CountDownLatch(1);
        for (int thread = 0; thread < Runtime.getRuntime().availableProcessors() + 2; thread++) {
            CleanupThread.DELETIONS.work(() -> awaitUninterrupted(deletionsGoOn));
        }
        AtomicBoolean done = new AtomicBoolean();
        Thread restorer = new Thread(() -> {
            for (int offset = 0; !done.get(); offset++) {
                test.restore(offset, "a", large("x".repeat(2000)));
            }
        });
        restorer.start();
        try {
            await("the restore waits").until(() -> isIn(restorer, "slowDown") && isIn(restorer, "awaitNanos"));
            AtomicInteger runs = new AtomicInteger();
            Serializer<String> counting = (topic, key) -> {
                runs.incrementAndGet();
                return key.getBytes(UTF_8);
            };
            assertThat(keys(VLogKeysQuery.withLowerBound("a", Serdes.serdeFrom(counting, TEXT.deserializer()))))
                    .containsExactly("a");
            assertThat(runs).hasValue(1);
        } finally {
            done.set(true);
            deletionsGoOn.countDown();
            restorer.join();
        }
    }

    private static boolean isIn(Thread thread, String method) {
        return Stream.of(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals(method));
    }

    private static boolean awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return false;
    }

    @Test
    void executionInfoIsGivenWhenAskedFor() {
        QueryResult<VLogKeyIterator<String>> result =
                test.store().query(VLogKeysQuery.withNoBounds(TEXT), PositionBound.unbounded(), new QueryConfig(true));
        result.getResult().close();
        assertThat(result.getExecutionInfo()).hasSize(1).first().asString().contains("VLogKeyValueStore");
    }

    @Test
    void otherThreadsMaySeeCommittedKeysOnly() {
        test.close();
        test = TestKeyValueStore.in(temp.resolve("committed"))
                .with(VLogConfig.QUERY_ISOLATION_LEVEL, "read_committed")
                .open();
        test.put("a", large(1));
        test.put("b", large(1));
        test.commit(1);
        test.store().delete(key("a"));
        test.put("c", large(1));
        VLogKeysQuery<String> all = VLogKeysQuery.withNoBounds(TEXT);
        assertThat(CompletableFuture.supplyAsync(() -> keys(all)).join()).containsExactly("a", "b");
        assertThat(keys(all)).containsExactly("b", "c");
    }

    @Test
    void anIteratorIsClosedWithItsStore() {
        putAToD();
        VLogKeyIterator<String> keys = open(VLogKeysQuery.withNoBounds(TEXT));
        assertThat(keys.next()).isEqualTo("a");
        test.close();
        assertThatThrownBy(keys::hasNext).isInstanceOf(InvalidStateStoreException.class);
        assertThatThrownBy(keys::next).isInstanceOf(InvalidStateStoreException.class);
        assertThatThrownBy(keys::peekNextKey).isInstanceOf(InvalidStateStoreException.class);
        keys.close();
        assertThatThrownBy(() -> open(VLogKeysQuery.withNoBounds(TEXT))).isInstanceOf(InvalidStateStoreException.class);
    }

    @Test
    void anIteratorThatIsClosedIsOfNoUse() {
        putAToD();
        VLogKeyIterator<String> keys = open(VLogKeysQuery.withNoBounds(TEXT));
        keys.close();
        keys.close();
        assertThatThrownBy(keys::hasNext)
                .isInstanceOf(InvalidStateStoreException.class)
                .hasMessageContaining(TestKeyValueStore.NAME);
    }

    @Test
    void storesThatAreNotOursDoNotKnowTheQuery() {
        KeyValueStore<Bytes, byte[]> other =
                Stores.inMemoryKeyValueStore("other").get();
        other.init(test.context(), other);
        assertThat(other.query(VLogKeysQuery.withNoBounds(TEXT), PositionBound.unbounded(), new QueryConfig(false))
                        .getFailureReason())
                .isEqualTo(FailureReason.UNKNOWN_QUERY_TYPE);
    }

    private void putAToD() {
        for (String key : List.of("c", "a", "d", "b")) {
            test.put(key, large(1));
        }
    }

    private double metric(String name) {
        return ((Number) StoreMetricsTest.byName(test.context()).get(name)).doubleValue();
    }

    private <K> QueryResult<VLogKeyIterator<K>> query(VLogKeysQuery<K> query, long offset) {
        PositionBound bound = PositionBound.at(Position.emptyPosition().withComponent("input", 0, offset));
        return test.store().query(query, offset == 0 ? PositionBound.unbounded() : bound, new QueryConfig(false));
    }

    private <K> VLogKeyIterator<K> open(VLogKeysQuery<K> query) {
        QueryResult<VLogKeyIterator<K>> result = query(query, 0);
        assertThat(result.isSuccess()).isTrue();
        return result.getResult();
    }

    private <K> List<K> keys(VLogKeysQuery<K> query) {
        return drain(open(query));
    }

    private static <K> List<K> drain(VLogKeyIterator<K> iterator) {
        List<K> keys = new ArrayList<>();
        try (iterator) {
            iterator.forEachRemaining(keys::add);
        }
        return keys;
    }
}
