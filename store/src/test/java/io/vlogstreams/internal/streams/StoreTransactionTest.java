/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.FolderOfOpenStore;
import io.vlogstreams.VLogConfig;
import io.vlogstreams.VLogKafkaClientSupplier;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store under exactly-once, and the producer of its thread, as created by {@link VLogKafkaClientSupplier}. */
class StoreTransactionTest {

    @TempDir
    Path temp;

    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(Cluster.empty(), true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Producer<byte[], byte[]> producer =
            new VLogKafkaClientSupplier(new OneProducer(kafka)).getProducer(Map.of());
    private TestKeyValueStore store;
    private long spaceWithout;

    @BeforeEach
    void open() {
        producer.initTransactions();
        store = TestKeyValueStore.in(temp.resolve("task")).exactlyOnce().open();
        assertThat(store.committedOffset()).isNull();
    }

    @AfterEach
    void close() {
        store.close();
        producer.close();
    }

    @Test
    void commitsWithTheTransactionAndItsOffset() throws Exception {
        producer.beginTransaction();
        putAndLog("k", "a value that goes into the log");
        putAndLog("l", "another value that goes there");
        producer.commitTransaction();

        assertThat(store.committedOffset()).isEqualTo(1);
        try (TestKeyValueStore killed = store.killed(temp.resolve("killed")).open()) {
            assertThat(killed.get("k")).isEqualTo("a value that goes into the log");
            assertThat(killed.get("l")).isEqualTo("another value that goes there");
            assertThat(killed.committedOffset()).isEqualTo(1);
        }
    }

    @Test
    void aKilledProcessForgetsTheTransactionItWasIn() throws Exception {
        producer.beginTransaction();
        putAndLog("k", "committed");
        producer.commitTransaction();
        producer.beginTransaction();
        putAndLog("k", "never committed");

        try (TestKeyValueStore killed = store.killed(temp.resolve("killed")).open()) {
            assertThat(killed.get("k")).isEqualTo("committed");
            assertThat(killed.committedOffset()).isZero();
        }
    }

    @Test
    void anAbortedTransactionLeavesNothing() {
        producer.beginTransaction();
        putAndLog("k", "committed");
        producer.commitTransaction();
        producer.beginTransaction();
        putAndLog("k", "aborted");
        putAndLog("l", "aborted");
        producer.abortTransaction();

        assertThat(store.get("k")).isEqualTo("committed");
        assertThat(store.get("l")).isNull();
        assertThat(store.committedOffset()).isZero();
    }

    @Test
    void anAbortedTransactionThatWasSpilledMakesTheStoreAskForARestore() {
        store.close();
        store.with(VLogConfig.STAGED_BYTES_MAX, 0).open();
        store.commit(7);
        store.restore(8, "k", "restored");
        producer.beginTransaction();
        putAndLog("k", "spilled");
        producer.abortTransaction();

        assertThatThrownBy(() -> putAndLog("k", "next")).isInstanceOf(ProcessorStateException.class);
    }

    /** Only one application of a process may have the client supplier; the other cannot wait for a commit. */
    @Test
    void whereNoTransactionIsSignalledSpaceIsGivenBackWithoutACommit() throws Exception {
        producer.beginTransaction();
        Path folder = temp.resolve("other");
        Thread other = new Thread(() -> {
            try (TestKeyValueStore without = TestKeyValueStore.in(folder)
                    .exactlyOnce()
                    .with(VLogConfig.FILE_BYTES_MAX, 64 << 10)
                    .open()) {
                for (int i = 0; i < 2000; i++) {
                    without.put("key-" + i % 10, i + "x".repeat(4000));
                }
                spaceWithout = without.vlogBytes();
            }
        });
        other.start();
        other.join();
        assertThat(spaceWithout).as("of 8 MB").isBetween(40_000L, 2_000_000L);
    }

    @Test
    void aFailedCommitOfTheTransactionCommitsNoStore() throws Exception {
        producer.beginTransaction();
        putAndLog("k", "v");
        kafka.commitTransactionException = new KafkaException("no");

        assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);

        assertThat(store.committedOffset()).isNull();
        try (TestKeyValueStore killed = store.killed(temp.resolve("killed")).open()) {
            assertThat(killed.get("k")).isNull();
        }
    }

    /** Streams does this before it closes a task whose transaction failed, and deletes the store only after that. */
    @Test
    void aCommitByStreamsDoesNotCommitAnOpenTransaction() throws Exception {
        producer.beginTransaction();
        putAndLog("k", "committed");
        producer.commitTransaction();
        producer.beginTransaction();
        putAndLog("k", "never committed");
        store.commit(1);

        try (TestKeyValueStore killed = store.killed(temp.resolve("killed")).open()) {
            assertThat(killed.get("k")).isEqualTo("committed");
            assertThat(killed.committedOffset()).isZero();
        }
        store.close();
        try (TestKeyValueStore killed =
                store.killed(temp.resolve("killed when closed")).open()) {
            assertThat(killed.get("k")).isEqualTo("committed");
            assertThat(killed.committedOffset()).isZero();
        }
    }

    @Test
    void theTransactionStillCommitsAfterACommitByStreams() {
        producer.beginTransaction();
        putAndLog("k", "v");
        store.commit(0);
        producer.commitTransaction();

        assertThat(store.reopen().get("k")).isEqualTo("v");
        assertThat(store.committedOffset()).isZero();
    }

    @Test
    void withoutTheSignalACommitByStreamsIsInDoubtUntilTheStoreIsWrittenAgain() throws Exception {
        producer.close();
        store.put("k", "in doubt");
        store.commit(0);
        try (TestKeyValueStore doubtful =
                store.killed(temp.resolve("killed in doubt")).open()) {
            assertThat(doubtful.all()).isEmpty();
            assertThat(doubtful.committedOffset()).isEqualTo(-4);
        }

        store.put("k", "in the next transaction");
        try (TestKeyValueStore killed = store.killed(temp.resolve("killed")).open()) {
            assertThat(killed.get("k")).isEqualTo("in doubt");
            assertThat(killed.committedOffset()).isZero();
        }
    }

    @Test
    void withoutTheSignalACommitByStreamsIsConfirmedByTheClose() {
        producer.close();
        store.put("k", "v");
        store.commit(0);

        assertThat(store.reopen().get("k")).isEqualTo("v");
        assertThat(store.committedOffset()).isZero();
    }

    /** Otherwise the next transaction would confirm an offset although the writes of this one are missing. */
    @Test
    void anAbortAfterACommitThatTheStoreCouldNotTakeMakesItAskForARestore() throws IOException {
        store.close();
        store.with(VLogConfig.SYNC_POLICY, "commit")
                .with(VLogConfig.OPEN_FILES_MAX, 1)
                .open();
        assertThat(store.committedOffset()).isNull();
        producer.beginTransaction();
        for (String key : List.of("a", "b", "c")) {
            putAndLog(key, "x".repeat(1000));
        }
        assertThat(store.get("a")).isNotNull();
        // A deleted file cannot be synced.
        FolderOfOpenStore.delete(store.folder().resolve("vlog"));
        producer.commitTransaction();
        assertThat(store.committedOffset()).isNull();
        producer.beginTransaction();
        producer.abortTransaction();

        assertThatThrownBy(() -> putAndLog("k", "next")).isInstanceOf(ProcessorStateException.class);
        assertThat(store.committedOffset()).isNull();
    }

    @Test
    void aProducerThatIsClosedInATransactionAbortsIt() {
        producer.beginTransaction();
        putAndLog("k", "nobody can commit it any more");
        producer.close();

        assertThat(store.get("k")).isNull();
    }

    /** The table must not be ahead of what it has read. */
    @Test
    @SuppressWarnings("removal") // how else is one made by hand?
    void anInputTopicThatIsTheChangelogAndIsWrittenToCountsAsFarAsItIsConsumed() {
        log("k", "earlier");
        producer.beginTransaction();
        putAndLog("k", "v");
        producer.sendOffsetsToTransaction(
                Map.of(TestKeyValueStore.CHANGELOG, new OffsetAndMetadata(1)), new ConsumerGroupMetadata("group"));
        producer.commitTransaction();

        assertThat(store.committedOffset()).isZero();
    }

    @Test
    void anAcknowledgementThatComesAfterItsTransactionDoesNotCount() {
        Deque<Callback> unanswered = new ArrayDeque<>();
        Producer<byte[], byte[]> slow = new TransactionSignalProducer(answeringLater(unanswered));
        slow.beginTransaction();
        send(slow, "k", "v");
        slow.abortTransaction();
        slow.beginTransaction();
        store.put("k", "v");
        unanswered.remove().onCompletion(new RecordMetadata(TestKeyValueStore.CHANGELOG, 7, 0, 0, 1, 1), null);
        slow.commitTransaction();

        assertThat(store.committedOffset()).isNull();
    }

    /** Returns a mock whose acknowledgements of sends are controlled by the test. */
    @SuppressWarnings("unchecked")
    private Producer<byte[], byte[]> answeringLater(Deque<Callback> unanswered) {
        return (Producer<byte[], byte[]>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Producer.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("send")) {
                        return method.invoke(kafka, arguments);
                    }
                    unanswered.add((Callback) arguments[1]);
                    return new CompletableFuture<RecordMetadata>();
                });
    }

    @Test
    void aTransactionWithoutAWriteDoesNotTouchTheStore() {
        producer.beginTransaction();
        putAndLog("k", "v");
        producer.commitTransaction();
        producer.beginTransaction();
        log("someone else's", "v");
        producer.commitTransaction();

        assertThat(store.committedOffset()).isZero();
    }

    @Test
    @SuppressWarnings("removal") // how else is one made by hand?
    void theOffsetOfAnInputTopicThatIsTheChangelogIsTheLastConsumed() {
        producer.beginTransaction();
        store.put("k", "v");
        producer.sendOffsetsToTransaction(
                Map.of(
                        TestKeyValueStore.CHANGELOG,
                        new OffsetAndMetadata(43),
                        new TopicPartition("other", 0),
                        new OffsetAndMetadata(99)),
                new ConsumerGroupMetadata("group"));
        producer.commitTransaction();

        assertThat(store.committedOffset()).isEqualTo(42);
        assertThat(store.store().committedOffset(new TopicPartition("other", 0)))
                .isNull();
    }

    @Test
    void aTransactionOfAnotherThreadDoesNotCommitTheStore() throws Exception {
        producer.beginTransaction();
        putAndLog("k", "v");
        Thread other = new Thread(producer::commitTransaction);
        other.start();
        other.join();

        assertThat(store.committedOffset()).isNull();
    }

    @Test
    void aStoreThatWasClosedMeanwhileIsLeftAlone() {
        producer.beginTransaction();
        putAndLog("k", "v");
        store.close();

        producer.commitTransaction();

        store.open();
        assertThat(store.get("k")).isNull();
    }

    @Test
    void aSpillIsConfirmedByTheTransaction() throws Exception {
        store.close();
        store.with(VLogConfig.STAGED_BYTES_MAX, 0).open();
        producer.beginTransaction();
        putAndLog("k", "spilled before the commit");
        producer.commitTransaction();

        try (TestKeyValueStore killed = store.killed(temp.resolve("killed")).open()) {
            assertThat(killed.get("k")).isEqualTo("spilled before the commit");
        }
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // the history has the sent records
    void withoutTransactionsTheProducerOnlyPassesRecordsOn() {
        MockProducer<byte[], byte[]> plain =
                new MockProducer<>(Cluster.empty(), true, null, new ByteArraySerializer(), new ByteArraySerializer());
        new TransactionSignalProducer(plain).send(new ProducerRecord<>("t", "v".getBytes(UTF_8)));

        assertThat(plain.history()).hasSize(1);
    }

    /** Puts and sends a changelog record, like the logging layer. */
    private void putAndLog(String key, String value) {
        store.put(key, value);
        log(key, value);
    }

    private void log(String key, String value) {
        send(producer, key, value);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the mock completes it immediately
    private static void send(Producer<byte[], byte[]> producer, String key, String value) {
        TopicPartition changelog = TestKeyValueStore.CHANGELOG;
        String topic = key.startsWith("someone") ? "other" : changelog.topic();
        producer.send(new ProducerRecord<>(topic, changelog.partition(), key.getBytes(UTF_8), value.getBytes(UTF_8)));
    }

    /** A supplier of one producer. */
    private record OneProducer(Producer<byte[], byte[]> producer) implements KafkaClientSupplier {

        @Override
        public Admin getAdmin(Map<String, Object> config) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
            return producer;
        }

        @Override
        public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
            throw new UnsupportedOperationException();
        }
    }
}
