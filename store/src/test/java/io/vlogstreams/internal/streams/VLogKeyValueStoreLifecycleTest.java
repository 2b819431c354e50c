/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.key;
import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static io.vlogstreams.internal.streams.TestKeyValueStore.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.FakeStateStoreContext;
import io.vlogstreams.KafkaOnClassPath;
import io.vlogstreams.VLogConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.state.HeadersBytesStore;
import org.apache.kafka.streams.state.HeadersBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.apache.kafka.streams.state.TimestampedBytesStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;

/** Opening and closing, in the orders and from the threads in which Kafka Streams does it. */
class VLogKeyValueStoreLifecycleTest {

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @AfterEach
    void close() {
        if (test != null) {
            test.close();
        }
    }

    private TestKeyValueStore store() {
        return TestKeyValueStore.in(temp.resolve("task"));
    }

    @Test
    void aStoreThatIsNeverOpenedTakesNothingAndLeavesNothing() throws IOException {
        VLogStoreSupplier.of("a", ValueFormat.PLAIN, VLogConfig.defaults())
                .get()
                .close();
        try (Stream<Path> files = Files.list(temp)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aStoreIsOpenBetweenInitAndClose() {
        test = store().create();
        assertThat(test.store().isOpen()).isFalse();
        test.open();
        assertThat(test.store().isOpen()).isTrue();
        test.close();
        assertThat(test.store().isOpen()).isFalse();
    }

    @Test
    void theRootIsRegistered() {
        test = store().create();
        KeyValueStore<Bytes, byte[]> root = VLogStoreSupplier.of("root", ValueFormat.PLAIN, VLogConfig.defaults())
                .get();
        test.store().init(test.context(), root);
        assertThat(test.context().registered()).isSameAs(root);
    }

    @Test
    void everythingIsUnderTheFolderOfTheStore() throws IOException {
        test = store().open();
        test.put("a", large("1"));
        test.commit(1);
        assertThat(test.folder()).isDirectory();
        try (Stream<Path> files = Files.list(temp.resolve("task"))) {
            assertThat(files).containsExactly(temp.resolve("task").resolve("vlog"));
        }
    }

    @Test
    void everythingButClosingAClosedStoreIsRefused() {
        test = store().open();
        KeyValueStore<Bytes, byte[]> store = test.store();
        store.close();
        List<Runnable> operations = List.of(
                () -> store.put(key("a"), value("1")),
                () -> store.putIfAbsent(key("a"), value("1")),
                () -> store.putAll(List.of()),
                () -> store.delete(key("a")),
                () -> store.get(key("a")),
                () -> store.range(key("a"), key("b")),
                () -> store.reverseRange(key("a"), key("b")),
                store::all,
                store::reverseAll,
                () -> store.prefixScan("a", new StringSerializer()),
                store::approximateNumEntries,
                () -> store.query(KeyQuery.withKey(key("a")), PositionBound.unbounded(), new QueryConfig(false)));
        for (int i = 0; i < operations.size(); i++) {
            Runnable operation = operations.get(i);
            assertThatThrownBy(operation::run)
                    .as("operation %s", i)
                    .isInstanceOf(InvalidStateStoreException.class)
                    .hasMessageContaining(TestKeyValueStore.NAME);
        }
    }

    @Test
    void closingAgainDoesNothing() {
        test = store().open();
        test.close();
        test.close();
    }

    @Test
    void closingClosesOpenIterators() {
        test = store().open();
        test.put("a", large("1"));
        KeyValueIterator<Bytes, byte[]> iterator = test.store().all();
        test.close();
        assertThatThrownBy(iterator::hasNext).isInstanceOf(InvalidStateStoreException.class);
        assertThatThrownBy(iterator::next).isInstanceOf(InvalidStateStoreException.class);
        iterator.close();
    }

    @Test
    void anotherThreadMayClose() {
        test = store().open();
        test.put("a", large("1"));
        KeyValueIterator<Bytes, byte[]> iterator = test.store().all();
        CompletableFuture.runAsync(() -> test.store().close()).join();
        assertThat(test.store().isOpen()).isFalse();
        assertThatThrownBy(iterator::next).isInstanceOf(InvalidStateStoreException.class);
    }

    @Test
    void readersOnOtherThreadsMeetAClosedStoreOrAValue() throws Exception {
        test = store().open();
        for (int i = 0; i < 100; i++) {
            test.put("k" + i, large(i));
        }
        ExecutorService readers = Executors.newFixedThreadPool(3);
        try {
            List<Future<Long>> running = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                long seed = i;
                running.add(readers.submit(() -> readUntilClosed(test.store(), seed)));
            }
            test.commit(1);
            test.close();
            for (Future<Long> reader : running) {
                assertThat(reader.get()).isNotNegative();
            }
        } finally {
            readers.shutdownNow();
        }
    }

    private static long readUntilClosed(KeyValueStore<Bytes, byte[]> store, long seed) {
        Random random = new Random(seed);
        for (long reads = 0; ; reads++) {
            int number = random.nextInt(100);
            try {
                assertThat(store.get(key("k" + number))).isEqualTo(value(large(number)));
                try (KeyValueIterator<Bytes, byte[]> iterator = store.all()) {
                    assertThat(iterator.next().key).isEqualTo(key("k0"));
                }
            } catch (InvalidStateStoreException e) {
                return reads;
            }
        }
    }

    @Test
    void theFolderMayBeDeletedRightAfterClosing() throws IOException {
        test = store().open();
        test.put("a", large("1"));
        test.store().all();
        test.close();
        try (Stream<Path> files = Files.walk(temp.resolve("task"))) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
        test.open();
        assertThat(test.all()).isEmpty();
    }

    @Test
    void theTaskFolderIsAsYoungAsTheLastClose() throws IOException {
        test = store().open();
        FileTime longAgo = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(temp.resolve("task"), longAgo);
        test.close();
        assertThat(Files.getLastModifiedTime(temp.resolve("task"))).isGreaterThan(longAgo);
    }

    @Test
    void theSameInstanceCanBeOpenedAgain() {
        test = store().open();
        test.put("a", large("1"));
        test.commit(1);
        test.close();
        test.store().init(test.context(), test.store());
        assertThat(test.get("a")).isEqualTo(large("1"));
        assertThat(test.committedOffset()).isEqualTo(1);
        test.put("b", "2");
    }

    /** At first Streams opens every store on the starting thread, commits nothing and closes it. */
    @Test
    void theStartUpOpeningLeavesTheStoreAsItWas() {
        test = store().exactlyOnce().open();
        test.put("a", large("1"));
        test.commit(1);
        test.close();
        CompletableFuture.runAsync(() -> test.open().close()).join();
        test.open();
        assertThat(test.all()).containsExactly("a=" + large("1"));
        assertThat(test.committedOffset()).isEqualTo(1);
    }

    @Test
    void aSecondStoreOnTheSameFolderIsRefusedAndTheFirstGoesOn() {
        test = store().open();
        TestKeyValueStore second = store().create();
        assertThatThrownBy(() -> second.store().init(second.context(), second.store()))
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining(TestKeyValueStore.NAME);
        second.close();
        test.put("a", "1");
        assertThat(test.get("a")).isEqualTo("1");
    }

    @Test
    void closingAfterAFailedInitDoesNothing() throws IOException {
        Files.createDirectories(temp.resolve("task"));
        Files.writeString(temp.resolve("task").resolve("vlog"), "a file where the folder should be");
        test = store().create();
        assertThatThrownBy(() -> test.store().init(test.context(), test.store()))
                .isInstanceOf(ProcessorStateException.class);
        test.store().close();
        assertThat(test.store().isOpen()).isFalse();
    }

    @Test
    void aFailedRegistrationLeavesTheFolderFree() {
        test = store().create();
        test.context().failRegistrationWith(new IllegalArgumentException("no"));
        assertThatThrownBy(() -> test.store().init(test.context(), test.store()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no");
        assertThat(test.store().isOpen()).isFalse();
        test.open();
    }

    @Test
    void aBadOptionIsRefusedBeforeAnythingIsCreated() {
        test = store().with("vlog.documents.open.files.max", "0").create();
        assertThatThrownBy(() -> test.store().init(test.context(), test.store()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("vlog.documents.open.files.max")
                .hasMessageContaining("0");
        assertThat(temp.resolve("task")).doesNotExist();
    }

    @Test
    void underAtLeastOnceACloseKeepsEverything() {
        test = store().open();
        test.put("a", large("1"));
        test.reopen();
        assertThat(test.get("a")).isEqualTo(large("1"));
    }

    @Test
    void underExactlyOnceAKilledStoreIsAtItsLastCommit() throws IOException {
        test = store().exactlyOnce().open();
        test.put("a", large("1"));
        test.commit(1);
        test.put("a", large("2"));
        test.put("b", "2");
        try (TestKeyValueStore survivor = test.killed(temp.resolve("killed")).open()) {
            assertThat(survivor.all()).containsExactly("a=" + large("1"));
            assertThat(survivor.committedOffset()).isEqualTo(1);
        }
    }

    @Test
    void underExactlyOnceACloseForgetsWhatNoCommitConfirmed() {
        test = store().exactlyOnce().open();
        test.put("a", large("1"));
        test.commit(1);
        test.put("a", large("2"));
        test.reopen();
        assertThat(test.all()).containsExactly("a=" + large("1"));
    }

    /** No exception, because with transactional stores Streams 4.4.0 would then open the store again for ever. */
    @Test
    void underExactlyOnceADirtyStoreIsEmptiedWhenItIsOpened() throws IOException {
        test = store().exactlyOnce()
                .withChangelog(true)
                .with("vlog.staged.bytes.max", 0)
                .open();
        test.put("a", large("1"));
        try (TestKeyValueStore survivor = test.killed(temp.resolve("killed")).open()) {
            assertThat(survivor.all()).isEmpty();
            assertThat(survivor.committedOffset()).isEqualTo(-4);
            survivor.restore(0, "b", large("2"));
            survivor.reopen();
            assertThat(survivor.all()).containsExactly("b=" + large("2"));
            assertThat(survivor.committedOffset()).isEqualTo(0);
        }
    }

    @Test
    void aGlobalStoreKeepsEverythingUnderExactlyOnceToo() throws IOException {
        test = store().exactlyOnce().global().with("vlog.staged.bytes.max", 0).open();
        test.put("a", large("1"));
        try (TestKeyValueStore survivor = test.killed(temp.resolve("killed")).open()) {
            assertThat(survivor.get("a")).isEqualTo(large("1"));
        }
        test.reopen();
        assertThat(test.get("a")).isEqualTo(large("1"));
    }

    @Test
    void aDamagedValueCorruptsTheTaskOnItsOwnThread() throws IOException {
        test = store().open();
        test.put("a", large("1"));
        test.commit(1);
        damage();
        assertThatThrownBy(() -> test.get("a")).isInstanceOf(TaskCorruptedException.class);
    }

    /** Under exactly-once Streams could lose input of a task that it reopens while it processes. */
    @Test
    void aDamagedValueUnderExactlyOnceEndsTheThread() throws IOException {
        test = store().exactlyOnce().open();
        test.put("a", large("1"));
        test.commit(1);
        damage();
        assertThatThrownBy(() -> test.get("a"))
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContainingAll("store documents", "key 0x61", "1.vlog", "offset 31");
        assertThat(test.reopen().committedOffset()).isEqualTo(-4);
        assertThat(test.all()).isEmpty();
    }

    /** Under at-least-once Streams reopens a corrupted task at the offset that it finds. */
    @Test
    void afterADamagedValueTheStoreIsRestoredWhole() throws IOException {
        test = store().open();
        test.put("a", large("1"));
        test.put("b", "whole");
        test.commit(1);
        damage();
        assertThatThrownBy(() -> test.get("a"))
                .isInstanceOf(TaskCorruptedException.class)
                .cause()
                .hasMessageContainingAll("store documents", "key 0x61", "1.vlog", "offset 31", "expected", "found");
        test.commit(1);

        test.reopen();
        assertThat(test.committedOffset()).isNull();
        assertThat(test.all()).isEmpty();
        test.restore(0, "a", large("1"), "b", "whole");
        assertThat(test.reopen().all()).containsExactly("a=" + large("1"), "b=whole");
    }

    @Test
    void aDamagedValueThatAScanFindsIsRestoredToo() throws IOException {
        test = store().open();
        test.put("a", large("1"));
        test.commit(1);
        damage();
        assertThatThrownBy(test::all)
                .isInstanceOf(TaskCorruptedException.class)
                .cause()
                .hasMessageContainingAll("store documents", "key 0x61", "1.vlog", "offset 31");
        assertThat(test.reopen().committedOffset()).isNull();
    }

    @Test
    void afterADamagedValueAGlobalStoreIsReadAgainWhole() throws IOException {
        test = store().global().open();
        test.put("a", large("1"));
        test.commit(1);
        damage();
        assertThatThrownBy(() -> test.get("a")).isInstanceOf(ProcessorStateException.class);
        assertThat(test.reopen().committedOffset()).isNull();
    }

    @Test
    void aDamagedValueThatOnlyAQueryFoundDoesNotEmptyTheStore() throws IOException {
        test = store().open();
        test.put("a", large("1"));
        test.put("b", "whole");
        test.commit(1);
        damage();
        assertThatThrownBy(CompletableFuture.supplyAsync(() -> test.get("a"))::join)
                .hasCauseInstanceOf(ProcessorStateException.class);
        assertThat(test.reopen().get("b")).isEqualTo("whole");
        assertThat(test.committedOffset()).isEqualTo(1);
    }

    @Test
    void aDamagedValueIsAnErrorToAThreadThatQueries() throws IOException {
        test = store().open();
        test.put("a", large("1"));
        test.commit(1);
        damage();
        CompletableFuture<String> query = CompletableFuture.supplyAsync(() -> test.get("a"));
        assertThatThrownBy(query::join)
                .cause()
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("offset 31");
    }

    @Test
    void aDamagedValueOfAStoreWithoutChangelogIsAnError() throws IOException {
        test = store().open();
        test.put("a", large("1"));
        test.store().commit(Map.of());
        damage();
        assertThatThrownBy(() -> test.get("a")).isInstanceOf(ProcessorStateException.class);
    }

    private void damage() throws IOException {
        Path file = test.folder().resolve("vlog").resolve("00000000000000000001.vlog");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 10] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void anInterruptedThreadReadsWritesAndCommitsAndStaysInterrupted() {
        test = store().with(VLogConfig.OPEN_FILES_MAX, 1).open();
        for (int i = 0; i < 30; i++) {
            test.put("k" + i, large(i));
        }
        test.commit(1);
        Thread.currentThread().interrupt();
        try {
            for (int i = 0; i < 30; i++) {
                assertThat(test.get("k" + i)).isEqualTo(large(i));
                test.put("k" + i, large(i + 1));
            }
            assertThat(test.all()).hasSize(30);
            test.commit(2);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(CompletableFuture.supplyAsync(() -> test.get("k7")).join()).isEqualTo(large(8));
        test.reopen();
        assertThat(test.get("k7")).isEqualTo(large(8));
    }

    @Test
    void aValueOf64MibIsReadBack() {
        test = TestKeyValueStore.in(temp.resolve("task"))
                .with(VLogConfig.FILE_BYTES_MAX, 64 << 20)
                .open();
        byte[] large = new byte[64 << 20];
        new Random(64).nextBytes(large);
        test.store().put(key("large"), large);
        test.commit(1);
        test.reopen();
        assertThat(Arrays.equals(test.store().get(key("large")), large)).isTrue();
        assertThatThrownBy(() -> test.store().put(key("larger"), new byte[large.length + 1]))
                .isInstanceOf(ProcessorStateException.class);
    }

    @Test
    void theUsersConfigSetterIsAppliedToTheIndexAndClosed() {
        RecordingSetter.CALLS.clear();
        test = store().with(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RecordingSetter.class)
                .open();
        test.put("a", "1");
        assertThat(RecordingSetter.CALLS).containsExactly("set documents");
        test.close();
        assertThat(RecordingSetter.CALLS).containsExactly("set documents", "close documents");
    }

    /** Created by name, so it records its calls in a static field. */
    public static final class RecordingSetter implements RocksDBConfigSetter {

        static final List<String> CALLS = new ArrayList<>();

        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            options.setMaxOpenFiles(50);
            CALLS.add("set " + storeName);
        }

        @Override
        public void close(String storeName, Options options) {
            CALLS.add("close " + storeName);
        }
    }

    @Test
    void eachVariantHasItsMarker() {
        KeyValueStore<Bytes, byte[]> plain = VLogStoreSupplier.of("a", ValueFormat.PLAIN, VLogConfig.defaults())
                .get();
        KeyValueStore<Bytes, byte[]> timestamped = VLogStoreSupplier.of(
                        "a", ValueFormat.TIMESTAMPED, VLogConfig.defaults())
                .get();
        assertThat(plain).isNotInstanceOf(TimestampedBytesStore.class);
        assertThat(timestamped).isInstanceOf(TimestampedBytesStore.class);
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void theVariantWithHeadersHasItsMarkers() {
        VLogStoreSupplier headers = VLogStoreSupplier.of("a", ValueFormat.HEADERS, VLogConfig.defaults());
        assertThat(headers).isInstanceOf(HeadersBytesStoreSupplier.class);
        assertThat(headers.get()).isInstanceOf(HeadersBytesStore.class);
    }

    @Test
    void aSupplierGivesANewStoreEachTime() {
        VLogStoreSupplier supplier = VLogStoreSupplier.of("a", ValueFormat.PLAIN, VLogConfig.defaults());
        assertThat(supplier.get()).isNotSameAs(supplier.get());
        assertThat(supplier.name()).isEqualTo("a");
        assertThat(supplier.metricsScope()).isEqualTo("vlog");
    }

    @Test
    void aNameWithAPercentSignDoesNotBreakTheMessage() {
        FakeStateStoreContext context = new FakeStateStoreContext(temp.resolve("100%"), Map.of());
        StoreErrors errors = new StoreErrors("s", context.taskId(), cause -> false);
        String message = errors.translate("reading", new IOException("the disk is full: 100%"))
                .getMessage();
        assertThat(String.format(message)).isEqualTo("Error reading store s: the disk is full: 100%");
    }
}
