/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.cleanup.WorkerOnDemand;
import io.vlogstreams.internal.vlog.CompressionType;
import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A store stays within its space bound, whatever is written, and has the expected content. */
class StoreEngineRelocationTest {

    private static final double BOUND = 1.2;
    private static final int FILE_BYTES = 2048;

    @TempDir
    Path temp;

    private final Map<String, String> model = new TreeMap<>();
    private TestStore store;

    @AfterEach
    void close() throws IOException {
        if (store != null) {
            store.close();
        }
    }

    private TestStore store() {
        return TestStore.in(temp.resolve("store"))
                .inMemory()
                .maxFile(FILE_BYTES)
                .maxSpaceAmplification(BOUND);
    }

    private void put(String key, String value) throws IOException {
        store.put(key, value);
        model.put(key, value);
    }

    private void delete(String key) throws IOException {
        store.delete(key);
        model.remove(key);
    }

    /** Within the bound, apart from two files. */
    private void commitAndCheckSpace(long offset, long fileBytes) throws IOException {
        store.commit(offset);
        assertThat(store.bytesAbove(BOUND)).as("commit %s", offset).isLessThanOrEqualTo(2 * fileBytes);
    }

    private void checkAll() throws IOException {
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("at the end");
    }

    /**
     * The exponent makes some keys more frequent than others; the cache has room for all locations, or a few, or none.
     */
    @ParameterizedTest
    @CsvSource({"1, 1, 100000", "2, 1, 4096", "3, 4, 256", "4, 8, 0"})
    void theBoundHoldsAtEveryCommit(long seed, double skew, long locationCacheBytes) throws IOException {
        Random random = new Random(seed);
        store = store().locationCache(locationCacheBytes).open();
        int keys = 400;
        for (int i = 0; i < 8000; i++) {
            int key = (int) (keys * Math.pow(random.nextDouble(), skew));
            put("key-" + key, large(i) + "x".repeat(random.nextInt(200)));
            if (i % 40 == 39) {
                commitAndCheckSpace(i, FILE_BYTES);
            }
        }
        checkAll();
        store.reopen();
        checkAll();
    }

    @Test
    void sparesComeOnTopOfTheBoundAndMakeNothingRelocated() throws IOException {
        Random random = new Random(6);
        store = store().spareDivisor(8).open();
        AtomicInteger recycled = new AtomicInteger();
        store.storage().beforeCall((operation, name) -> {
            if (operation == Operation.RECYCLE) {
                recycled.incrementAndGet();
            }
        });
        for (int i = 0; i < 4000; i++) {
            put("key-" + random.nextInt(400), large(i) + "x".repeat(random.nextInt(200)));
            if (i % 40 == 39) {
                store.commit(i);
                long spareBytes = store.engine().statistics().space().totalBytes() / 8;
                assertThat(store.bytesAbove(BOUND)).as("commit %s", i).isLessThanOrEqualTo(2 * FILE_BYTES + spareBytes);
            }
        }
        assertThat(recycled.get()).isGreaterThan(50);
        checkAll();
        store.reopen();
        checkAll();
    }

    @Test
    void valuesLargerThanAFile() throws IOException {
        Random random = new Random(5);
        store = store().open();
        for (int i = 0; i < 600; i++) {
            put("key-" + random.nextInt(20), i + "-" + "y".repeat(FILE_BYTES + random.nextInt(3 * FILE_BYTES)));
            if (i % 3 == 2) {
                commitAndCheckSpace(i, 4 * FILE_BYTES);
            }
        }
        checkAll();
    }

    /** It would stay all the same, and a commit would make live records of it that were not copied. */
    @Test
    void aFileWithStagedRecordsIsNotRelocated() throws IOException {
        store = store().open();
        put("committed", large(0));
        store.commit(1);
        for (int i = 0; i < 10 * FILE_BYTES / 100; i++) {
            put("key-" + i, large(i));
        }
        store.engine().cleanUp();
        assertThat(store.engine().statistics().cleanup().relocatedRecords()).isZero();
        assertThat(store.fileIds()).contains(1L);
        for (int i = 0; i < 10 * FILE_BYTES / 100; i++) {
            put("key-" + i, large(i + 1));
        }
        store.engine().cleanUp();
        assertThat(store.engine().statistics().cleanup().relocatedRecords())
                .as("now that the first file has none")
                .isEqualTo(1);
        commitAndCheckSpace(2, FILE_BYTES);
        checkAll();
    }

    @Test
    void oneColdKeyInEachFile() throws IOException {
        store = store().open();
        for (int i = 0; i < 300; i++) {
            put("cold-" + i, large(i));
            for (int hot = 0; hot < 14; hot++) {
                put("hot-" + hot, large(i));
            }
            commitAndCheckSpace(i, FILE_BYTES);
        }
        checkAll();
        assertThat(store.fileIds()).hasSizeLessThan(30);
    }

    @Test
    void aThousandTinyFiles() throws IOException {
        int tinyFileBytes = 300;
        int files = 1000;
        store = store().maxFile(tinyFileBytes).open();
        for (int i = 0; i < 2 * files; i++) {
            put("key-" + i, large(i));
        }
        commitAndCheckSpace(0, tinyFileBytes);
        assertThat(store.fileIds()).hasSizeGreaterThan(files - 1);
        for (int i = 0; i < 2 * files; i += 2) {
            put("key-" + i, large("again"));
            if (i % 200 == 0) {
                commitAndCheckSpace(i, tinyFileBytes);
            }
        }
        store.commit(1_000_000);
        checkAll();
    }

    @Test
    void theBoundHoldsOnDisk() throws IOException {
        Random random = new Random(3);
        store = TestStore.in(temp.resolve("store"))
                .maxFile(20 * FILE_BYTES)
                .maxSpaceAmplification(BOUND)
                .open();
        for (int i = 0; i < 8000; i++) {
            put("key-" + random.nextInt(1000), large(i));
            if (i % 400 == 399) {
                commitAndCheckSpace(i, 20 * FILE_BYTES);
            }
        }
        checkAll();
        store.reopen();
        checkAll();
    }

    /** Whatever was relocated before. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void afterEverythingIsDeletedOneFileIsLeft(boolean atOnce) throws IOException {
        store = store().open();
        for (int i = 0; i < 3000; i++) {
            put("key-" + (i % 2 == 0 ? i % 100 : i), large(i));
            if (i % 50 == 0) {
                store.commit(i);
            }
        }
        store.commit(5000);
        assertThat(store.engine().statistics().cleanup().relocatedRecords()).isPositive();
        for (String key : List.copyOf(model.keySet())) {
            delete(key);
            if (!atOnce) {
                store.commit(5001);
            }
        }
        store.commit(6000);
        assertThat(store.fileIds()).hasSize(1);
        assertThat(store.contents()).isEmpty();
        store.reopen();
        assertThat(store.contents()).isEmpty();
        put("key-1", large("new"));
        store.commit(7000);
        checkAll();
    }

    @Test
    void deletedKeysNeverReturn() throws IOException {
        Random random = new Random(7);
        store = store().open();
        for (int round = 0; round < 12; round++) {
            for (int i = 0; i < 400; i++) {
                String key = "key-" + random.nextInt(300);
                if (random.nextInt(3) == 0) {
                    delete(key);
                } else {
                    put(key, large(i));
                }
                if (random.nextInt(20) == 0) {
                    store.commit(i);
                }
            }
            store.commit(1000);
            checkAll();
            if (round % 3 == 1) {
                store.reopen();
                checkAll();
            } else if (round % 3 == 2) {
                // An unclean end, so that the live bytes are recounted.
                store.killAndOpen();
                store.engine().deleteObsoleteFiles();
                checkAll();
            }
        }
    }

    private void openFarAboveTheBound(TestStore options) throws IOException {
        store = options.maxSpaceAmplification(TestStore.NO_RELOCATION).open();
        for (int i = 0; i < 4000; i++) {
            // Not again so soon that the store would predict a short lifetime and separate them.
            put("key-" + (i % 10 == 0 ? i : "again-" + i % 1000), large(i));
        }
        store.commit(1);
        store.close();
        store.maxSpaceAmplification(BOUND).open();
    }

    @Test
    void aStoreFarAboveItsBoundComesDownToIt() throws IOException {
        openFarAboveTheBound(store());
        assertThat(store.bytesAbove(BOUND)).isGreaterThan(50 * FILE_BYTES);
        store.engine().cleanUp();
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        checkAll();
    }

    /** Slowly, because nothing is written, but without being woken. */
    @Test
    void aStoreAtRestComesDownToItsBoundByItself() throws IOException {
        AtomicLong clock = new AtomicLong();
        WorkerOnDemand worker = new WorkerOnDemand();
        openFarAboveTheBound(store().clock(clock::get).worker(worker));
        store.engine().cleanUp();
        worker.run();
        long above = store.bytesAbove(BOUND);
        assertThat(above).as("no time has passed").isGreaterThan(50 * FILE_BYTES);
        while (worker.letTimePass()) {
            clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
            worker.run();
            assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(above);
            above = store.bytesAbove(BOUND);
        }
        assertThat(above).isLessThanOrEqualTo(2 * FILE_BYTES);
        checkAll();
    }

    @Test
    void restoredBatchesKeepTheBound() throws IOException {
        Random random = new Random(8);
        store = store().open();
        for (int i = 0; i < 300; i++) {
            Map<String, String> batch = new TreeMap<>();
            for (int j = 0; j < 10; j++) {
                batch.put("key-" + random.nextInt(200), large(i));
            }
            Write[] writes = batch.entrySet().stream()
                    .map(entry -> TestStore.write(entry.getKey(), entry.getValue()))
                    .toArray(Write[]::new);
            store.restore(i, writes);
            model.putAll(batch);
            assertThat(store.bytesAbove(BOUND)).as("batch %s", i).isLessThanOrEqualTo(2 * FILE_BYTES);
        }
        checkAll();
    }

    /** Under exactly-once there may be no commit after the first one. */
    @ParameterizedTest
    @CsvSource({"5000, false", "1000000, true"})
    void theBoundHoldsWithoutCommits(long maxStagedBytes, boolean spillsForSpace) throws IOException {
        Random random = new Random(9);
        store = store().exactlyOnce().maxStaged(maxStagedBytes);
        store = (spillsForSpace ? store.awaitsNoCommits() : store).open();
        put("key-0", large("first"));
        store.commit(1);
        for (int i = 0; i < 6000; i++) {
            put("key-" + random.nextInt(300), large(i));
            if (i > 1000) {
                // Staged writes come on top: their room, the bytes that they may replace, and files to be filled.
                assertThat(store.bytesAbove(BOUND)).as("put %s", i).isLessThanOrEqualTo(20 * FILE_BYTES);
            }
        }
        assertThat(store.engine().commitPoint().dirty()).isTrue();
        assertThat(store.engine().statistics().spills()).isGreaterThan(10);
        assertThat(store.committedOffset()).isEqualTo(1);
        assertThat(store.contents()).isEqualTo(model);
        store.commit(2);
        checkAll();
        store.reopen();
        checkAll();
    }

    @Test
    void committedReadsSeeTheCommitWhileWhatWasSpilledIsRelocated() throws IOException {
        Random random = new Random(10);
        store = store().committedReads().maxStaged(4000).open();
        for (int i = 0; i < 300; i++) {
            put("key-" + i, large("committed " + i));
        }
        store.commit(1);
        Map<String, String> committed = new TreeMap<>(model);
        for (int i = 0; i < 4000; i++) {
            put("key-" + random.nextInt(250), large(i));
            String key = "key-" + random.nextInt(300);
            assertThat(TestStore.text(store.engine().getCommitted(bytes(key)))).isEqualTo(committed.get(key));
        }
        assertThat(store.engine().commitPoint().dirty()).isTrue();
        assertThat(store.contents()).isEqualTo(model);
        commitAndCheckSpace(2, FILE_BYTES);
        checkAll();
    }

    /** Two formats: values of the older one get a mark when they are read. */
    private record MarkedFormats(int currentTag) implements ValueFormats {
        @Override
        public byte[] toCurrent(int formatTag, byte[] value) {
            return formatTag == currentTag ? value : bytes("tag " + formatTag + ": " + TestStore.text(value));
        }

        @Override
        public byte[] encode() {
            return currentTag == 0 ? new byte[] {0} : new byte[] {0, 1};
        }
    }

    @Test
    void theFormatTagOfAValueStays() throws IOException {
        store = store().formats(new MarkedFormats(0)).open();
        for (int i = 0; i < 100; i++) {
            put("old-" + i, large(i));
            put("hot-" + i, large(i));
        }
        store.commit(1);
        store.close();
        model.replaceAll((key, value) -> "tag 0: " + value);
        store.formats(new MarkedFormats(1)).open();
        List<Long> before = store.fileIds();
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 100; i++) {
                put("hot-" + i, large(round));
            }
            store.commit(2 + round);
        }
        assertThat(store.fileIds()).doesNotContainAnyElementsOf(before);
        checkAll();
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void compressionMayChangeBetweenLives(CompressionType first) throws IOException {
        Random random = new Random(11);
        store = store().compression(first).open();
        for (CompressionType type : List.of(CompressionType.ZSTD, CompressionType.NONE, CompressionType.LZ4)) {
            for (int i = 0; i < 2000; i++) {
                put("key-" + random.nextInt(200), large(i) + "z".repeat(random.nextInt(500)));
                if (i % 50 == 49) {
                    commitAndCheckSpace(i, FILE_BYTES);
                }
            }
            checkAll();
            store.close();
            store.compression(type).open();
        }
        checkAll();
    }
}
