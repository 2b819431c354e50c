/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.CHANGELOG;
import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.KafkaOnClassPath;
import io.vlogstreams.VLogConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A store with {@code enable.transactional.statestores}, called like by Kafka Streams 4.4: each commit is confirmed,
 * and Streams does not wipe a store with uncommitted writes.
 */
@EnabledIf(KafkaOnClassPath.IS_44)
class TransactionalStoreTest {

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @AfterEach
    void close() {
        ThreadTransaction.aborted();
        ThreadTransaction.signalsEnd();
        test.close();
    }

    private TestKeyValueStore store(String guarantee) {
        return TestKeyValueStore.in(temp.resolve("task"))
                .with(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee)
                .with("enable.transactional.statestores", "true")
                .withChangelog(true);
    }

    @ParameterizedTest
    @ValueSource(strings = {StreamsConfig.AT_LEAST_ONCE, StreamsConfig.EXACTLY_ONCE_V2})
    void aCommitIsOne(String guarantee) throws IOException {
        test = store(guarantee).open();
        test.committedOffset();
        test.put("a", large("1"));
        test.put("b", "1");
        test.commit(1);
        try (TestKeyValueStore killed = test.killed(temp.resolve("killed")).open()) {
            assertThat(killed.all()).containsExactly("a=" + large("1"), "b=1");
            assertThat(killed.committedOffset()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {StreamsConfig.AT_LEAST_ONCE, StreamsConfig.EXACTLY_ONCE_V2})
    void whatNoCommitFollowsIsForgottenByACloseAndByAKill(String guarantee) throws IOException {
        test = store(guarantee).open();
        test.committedOffset();
        test.put("a", large("1"));
        test.put("b", "1");
        test.commit(1);
        test.put("a", large("2"));
        test.delete("b");
        test.put("c", "2");
        try (TestKeyValueStore killed = test.killed(temp.resolve("killed")).open()) {
            assertThat(killed.all()).containsExactly("a=" + large("1"), "b=1");
        }
        test.reopen();
        assertThat(test.all()).containsExactly("a=" + large("1"), "b=1");
        assertThat(test.committedOffset()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {StreamsConfig.AT_LEAST_ONCE, StreamsConfig.EXACTLY_ONCE_V2})
    void aKilledStoreThatHadSpilledIsEmptiedAndRestored(String guarantee) throws IOException {
        test = store(guarantee).with(VLogConfig.STAGED_BYTES_MAX, 0).open();
        test.committedOffset();
        test.put("a", large("1"));
        test.commit(1);
        test.put("a", large("2"));
        try (TestKeyValueStore killed = test.killed(temp.resolve("killed")).open()) {
            assertThat(killed.committedOffset()).isEqualTo(-4);
            assertThat(killed.all()).isEmpty();
            killed.restore(0, "a", large("1"), "b", "1");
            killed.reopen();
            assertThat(killed.all()).containsExactly("a=" + large("1"), "b=1");
            assertThat(killed.committedOffset()).isEqualTo(1);
        }
    }

    /** The first writes of a store, which has no offset yet. */
    @Test
    void aStoreThatSpilledAndWasNeverCommittedIsEmptied() {
        test = store(StreamsConfig.EXACTLY_ONCE_V2)
                .with(VLogConfig.STAGED_BYTES_MAX, 0)
                .open();
        test.put("a", large("1"));
        test.reopen();
        assertThat(test.all()).isEmpty();
        assertThat(test.committedOffset()).isEqualTo(-4);
    }

    @ParameterizedTest
    @ValueSource(strings = {StreamsConfig.AT_LEAST_ONCE, StreamsConfig.EXACTLY_ONCE_V2})
    void aDamagedStoreIsEmptiedAndRestored(String guarantee) throws IOException {
        test = store(guarantee).open();
        test.committedOffset();
        test.put("a", large("1"));
        test.commit(1);
        test.close();
        deleteVLogFiles();
        test.open();
        assertThat(test.committedOffset()).isEqualTo(-4);
        assertThat(test.all()).isEmpty();
    }

    private void deleteVLogFiles() throws IOException {
        try (Stream<Path> files = Files.list(test.folder().resolve("vlog"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /** Under at-least-once Streams wipes nothing and restores the task on top of the existing data. */
    @ParameterizedTest
    @ValueSource(strings = {StreamsConfig.AT_LEAST_ONCE, StreamsConfig.EXACTLY_ONCE_V2})
    void aCorruptedTaskForgetsAll(String guarantee) {
        test = store(guarantee).open();
        test.committedOffset();
        test.put("a", large("1"));
        test.commit(1);
        test.put("b", large("2"));
        test.store().commit(Map.of());
        test.reopen();
        assertThat(test.committedOffset()).isEqualTo(-4);
        assertThat(test.all()).isEmpty();
    }

    /**
     * Streams does not wipe a task whose store reports no offset, so the store must not be restored on top of its data.
     */
    @Test
    void aStoreOfAnotherChangelogIsEmptied() {
        test = store(StreamsConfig.EXACTLY_ONCE_V2).open();
        test.committedOffset();
        test.put("a", large("1"));
        test.commit(1);
        test.reopen();
        TopicPartition another = new TopicPartition("another-changelog", 0);
        test.store().committedOffset(another);
        assertThat(test.all()).isEmpty();
    }

    @Test
    void anUnloggedStoreIsCommittedByAnEmptyMap() throws IOException {
        test = store(StreamsConfig.EXACTLY_ONCE_V2).withChangelog(false).open();
        test.put("a", large("1"));
        test.store().commit(Map.of());
        test.put("a", large("2"));
        try (TestKeyValueStore killed = test.killed(temp.resolve("killed")).open()) {
            assertThat(killed.all()).containsExactly("a=" + large("1"));
        }
        test.reopen();
        assertThat(test.all()).containsExactly("a=" + large("1"));
    }

    @Test
    void aGlobalStoreKeepsWhatItWasGiven() {
        test = store(StreamsConfig.EXACTLY_ONCE_V2)
                .global()
                .with(VLogConfig.STAGED_BYTES_MAX, 0)
                .open();
        test.put("a", large("1"));
        test.commit(1);
        test.put("b", large("2"));
        test.reopen();
        assertThat(test.all()).containsExactly("a=" + large("1"), "b=" + large("2"));
        assertThat(test.committedOffset()).isEqualTo(1);
    }

    @Test
    void restoredRecordsAreCommitted() throws IOException {
        test = store(StreamsConfig.EXACTLY_ONCE_V2).open();
        test.committedOffset();
        test.restore(0, "a", large("1"), "b", "1");
        assertThat(test.store().approximateNumUncommittedBytes()).isZero();
        test.commit(1);
        try (TestKeyValueStore killed = test.killed(temp.resolve("killed")).open()) {
            assertThat(killed.all()).containsExactly("a=" + large("1"), "b=1");
            assertThat(killed.committedOffset()).isEqualTo(1);
        }
    }

    /** The supplier signals nevertheless, but Streams commits the same, so the signals add nothing. */
    @Test
    void aClientSupplierChangesNothing() throws IOException {
        test = store(StreamsConfig.EXACTLY_ONCE_V2).open();
        test.committedOffset();
        ThreadTransaction.signalsBegin();
        test.put("a", large("1"));
        ThreadTransaction.committed(Map.of(CHANGELOG, 1L));
        try (TestKeyValueStore killed = test.killed(temp.resolve("killed")).open()) {
            assertThat(killed.all()).as("the signal does not commit").isEmpty();
        }
        test.commit(1);
        try (TestKeyValueStore killed =
                test.killed(temp.resolve("killed again")).open()) {
            assertThat(killed.all()).containsExactly("a=" + large("1"));
            assertThat(killed.committedOffset()).isEqualTo(1);
        }
        test.put("a", large("2"));
        ThreadTransaction.aborted();
        test.reopen();
        assertThat(test.all()).containsExactly("a=" + large("1"));
    }

    @Test
    void uncommittedBytesAreThoseOfWritesInMemory() {
        test = store(StreamsConfig.EXACTLY_ONCE_V2).open();
        VLogKeyValueStore store = test.store();
        assertThat(store.approximateNumUncommittedBytes()).isZero();
        test.put("a", "x".repeat(100_000));
        long large = store.approximateNumUncommittedBytes();
        assertThat(large).as("only where the value is").isBetween(1L, 1000L);
        test.put("b", "1234567890");
        assertThat(store.approximateNumUncommittedBytes()).isGreaterThan(large + 10);
        test.commit(1);
        assertThat(store.approximateNumUncommittedBytes()).isZero();
        test.put("a", "1");
        test.close();
        assertThat(store.approximateNumUncommittedBytes()).isZero();
    }

    @Test
    void uncommittedBytesAreToldWithoutTransactionalStoresToo() {
        test = TestKeyValueStore.in(temp.resolve("task")).open();
        test.put("a", "1");
        assertThat(test.store().approximateNumUncommittedBytes()).isPositive();
        test.commit(1);
        assertThat(test.store().approximateNumUncommittedBytes()).isZero();
    }

    /** Streams would commit again and again without reaching the store. */
    @Test
    void underExactlyOnceAloneNoUncommittedBytesAreTold() {
        test = TestKeyValueStore.in(temp.resolve("task")).exactlyOnce().open();
        test.put("a", "1");
        assertThat(test.store().approximateNumUncommittedBytes()).isZero();
    }

    @Test
    void beforeASpillACommitIsAskedFor() {
        int maxStaged = 10_000;
        test = store(StreamsConfig.AT_LEAST_ONCE)
                .with(VLogConfig.STAGED_BYTES_MAX, maxStaged)
                .open();
        int key = 0;
        while (!test.context().tookCommitRequest()) {
            test.put("key-" + key++, "x");
            assertThat(test.store().approximateNumUncommittedBytes()).isLessThan(maxStaged);
        }
        assertThat(test.store().approximateNumUncommittedBytes()).isGreaterThan(maxStaged / 2);
        test.commit(1);
        test.put("another", "x");
        assertThat(test.context().tookCommitRequest()).as("after the commit").isFalse();
    }

    /** The records that staged writes replace are known only after the commit. */
    @Test
    void aCommitIsAskedForToSaveSpace() {
        test = store(StreamsConfig.AT_LEAST_ONCE).open();
        for (int i = 0; i < 100; i++) {
            test.put("a", large(i));
        }
        assertThat(test.context().tookCommitRequest()).isTrue();
        assertThat(test.store().approximateNumUncommittedBytes())
                .as("nothing was spilled")
                .isPositive();
        test.reopen();
        assertThat(test.all()).isEmpty();
        assertThat(test.committedOffset()).as("it is not dirty").isNull();
    }

    @Test
    void withoutTransactionalStoresNoCommitIsAskedFor() {
        test = TestKeyValueStore.in(temp.resolve("task"))
                .with(VLogConfig.STAGED_BYTES_MAX, 1000)
                .withChangelog(true)
                .open();
        for (int i = 0; i < 100; i++) {
            test.put("key-" + i, large(i));
        }
        assertThat(test.context().tookCommitRequest()).isFalse();
    }

    /** The flag is turned on after a kill without it, as by an update during an outage. */
    @Test
    void turnedOnAfterAKillItGoesOnFromTheLastCommit() throws IOException {
        test = TestKeyValueStore.in(temp.resolve("task"))
                .exactlyOnce()
                .withChangelog(true)
                .open();
        test.committedOffset();
        test.put("a", large("1"));
        ThreadTransaction.signalsBegin();
        ThreadTransaction.committed(Map.of(CHANGELOG, 1L));
        test.put("a", large("2"));
        try (TestKeyValueStore killed = test.killed(temp.resolve("killed"))
                .with("enable.transactional.statestores", "true")
                .open()) {
            assertThat(killed.all()).isEqualTo(List.of("a=" + large("1")));
            assertThat(killed.committedOffset()).isEqualTo(1);
        }
    }
}
