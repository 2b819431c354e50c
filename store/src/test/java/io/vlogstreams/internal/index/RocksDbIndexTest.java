/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLogTail;
import io.vlogstreams.internal.vlog.ValueLocation;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;

class RocksDbIndexTest {

    private static final byte[] FORMATS = {0};
    private static final String BUFFERED_DELETIONS = "rocksdb.num-deletes-active-mem-table";

    @TempDir
    Path folder;

    private RocksDbIndex index;

    @BeforeEach
    void open() throws IOException {
        index = RocksDbIndex.open(folder.resolve("index"), IndexTuning.NONE);
    }

    @AfterEach
    void close() {
        if (index != null) {
            index.close();
        }
    }

    private void reopen() throws IOException {
        index.close();
        index = null;
        open();
    }

    @Test
    void aKeyThatWasNeverPutHasNoLocation() throws IOException {
        assertThat(index.get(key(1))).isNull();
    }

    @Test
    void aLocationIsFoundAgain() throws IOException {
        put(key(1), separated(1));
        put(key(2), inline(2));
        assertThat(index.get(key(1))).isEqualTo(separated(1));
        assertThat(index.get(key(2))).isEqualTo(inline(2));
    }

    @Test
    void theEmptyKeyHasALocation() throws IOException {
        put(key(), separated(1));
        assertThat(index.get(key())).isEqualTo(separated(1));
        assertThat(keys(KeyRange.ALL, true)).containsExactly(key());
        assertThat(keys(KeyRange.closed(key(), key()), false)).containsExactly(key());
    }

    @Test
    void aKeyOf64KibHasALocation() throws IOException {
        byte[] large = new byte[64 * 1024];
        new Random(1).nextBytes(large);
        put(large, separated(1));
        reopen();
        assertThat(index.get(large)).isEqualTo(separated(1));
        assertThat(keys(KeyRange.closed(large, large), true)).containsExactly(large);
    }

    @Test
    void aDeletedKeyHasNoLocation() throws IOException {
        put(key(1), separated(1));
        write(batch -> batch.delete(key(1)));
        assertThat(index.get(key(1))).isNull();
        assertThat(keys(KeyRange.ALL, true)).isEmpty();
    }

    @Test
    void separatedAnswersInTheOrderOfTheKeysWithNullWhereNothingIsInTheVLog() throws IOException {
        put(key(1), separated(1));
        put(key(3), inline(3));
        put(key(4), separated(4));
        assertThat(index.separated(List.of(key(), key(1), key(2), key(3), key(4))))
                .isEqualTo(Arrays.asList(null, separated(1), null, null, separated(4)));
    }

    @Test
    void separatedOfNothingIsNothing() throws IOException {
        assertThat(index.separated(List.of())).isEmpty();
    }

    @Test
    void aCursorWalksInUnsignedOrder() throws IOException {
        for (int first : new int[] {0xFF, 0x80, 0x7F, 0x00}) {
            put(key(first), separated(1));
        }
        assertThat(keys(KeyRange.ALL, true)).containsExactly(key(0), key(0x7F), key(0x80), key(0xFF));
        assertThat(keys(KeyRange.ALL, false)).containsExactly(key(0xFF), key(0x80), key(0x7F), key(0));
    }

    @Test
    void aRangeHasItsFirstKeyButNotItsEnd() throws IOException {
        putOneTo(5);
        KeyRange range = new KeyRange(key(2), key(4));
        assertThat(keys(range, true)).containsExactly(key(2), key(3));
        assertThat(keys(range, false)).containsExactly(key(3), key(2));
    }

    @Test
    void aClosedRangeHasBothItsBounds() throws IOException {
        putOneTo(5);
        put(key(4, 0), separated(9));
        assertThat(keys(KeyRange.closed(key(2), key(4)), true)).containsExactly(key(2), key(3), key(4));
        assertThat(keys(KeyRange.closed(key(2), key(4)), false)).containsExactly(key(4), key(3), key(2));
    }

    @Test
    void aRangeMayBeOpenAtEitherEnd() throws IOException {
        putOneTo(4);
        assertThat(keys(KeyRange.closed(key(3), null), true)).containsExactly(key(3), key(4));
        assertThat(keys(KeyRange.closed(null, key(2)), false)).containsExactly(key(2), key(1));
    }

    @Test
    void aRangeBetweenTwoKeysIsEmpty() throws IOException {
        putOneTo(2);
        assertThat(keys(KeyRange.closed(key(1, 0), key(1, 9)), true)).isEmpty();
        assertThat(keys(KeyRange.closed(key(1, 0), key(1, 9)), false)).isEmpty();
    }

    @Test
    void aPrefixRangeHasExactlyTheKeysWithThePrefix() throws IOException {
        for (byte[] key : List.of(key(1), key(2), key(2, 0), key(2, 0xFF, 0xFF), key(3))) {
            put(key, separated(1));
        }
        assertThat(keys(KeyRange.prefix(key(2)), true)).containsExactly(key(2), key(2, 0), key(2, 0xFF, 0xFF));
        assertThat(keys(KeyRange.prefix(key(2)), false)).containsExactly(key(2, 0xFF, 0xFF), key(2, 0), key(2));
    }

    @Test
    void aPrefixOfFfGoesToTheLastKey() throws IOException {
        for (byte[] key : List.of(key(0xFE, 0xFF), key(0xFF), key(0xFF, 0xFF), key(0xFF, 0xFF, 7))) {
            put(key, separated(1));
        }
        assertThat(keys(KeyRange.prefix(key(0xFF, 0xFF)), true)).containsExactly(key(0xFF, 0xFF), key(0xFF, 0xFF, 7));
        assertThat(keys(KeyRange.prefix(key(0xFF)), false))
                .containsExactly(key(0xFF, 0xFF, 7), key(0xFF, 0xFF), key(0xFF));
        assertThat(keys(KeyRange.prefix(key(0xFE, 0xFF)), true)).containsExactly(key(0xFE, 0xFF));
    }

    @Test
    void aCursorDoesNotSeeLaterWrites() throws IOException {
        putOneTo(2);
        try (IndexCursor cursor = index.openCursor(KeyRange.ALL, true)) {
            put(key(1), separated(8));
            put(key(3), separated(3));
            write(batch -> batch.delete(key(2)));
            assertThat(cursor.location()).isEqualTo(separated(1));
            cursor.advance();
            assertThat(cursor.key()).isEqualTo(key(2));
            cursor.advance();
            assertThat(cursor.isValid()).isFalse();
        }
        assertThat(keys(KeyRange.ALL, true)).containsExactly(key(1), key(3));
    }

    @Test
    void aBatchThatIsNotWrittenChangesNothing() throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            batch.put(key(1), separated(1));
            batch.live(1, live(10));
            batch.commitPoint(commitPoint(5));
        }
        assertThat(index.get(key(1))).isNull();
        assertThat(index.live()).isEmpty();
        assertThat(index.commitPoint()).isNull();
    }

    @Test
    void aBatchBringsLocationsLiveBytesAndCommitPointTogether() throws IOException {
        put(key(2), separated(2));
        write(batch -> {
            batch.put(key(1), separated(1));
            batch.delete(key(2));
            batch.live(1, live(10));
            batch.commitPoint(commitPoint(5));
        });
        reopen();
        assertThat(keys(KeyRange.ALL, true)).containsExactly(key(1));
        assertThat(index.live()).isEqualTo(Map.of(1L, live(10)));
        assertThat(index.commitPoint().offsets()).isEqualTo(Map.of("changelog-0", 5L));
    }

    @Test
    void thereIsNoCommitPointBeforeTheFirst() throws IOException {
        put(key(1), separated(1));
        assertThat(index.commitPoint()).isNull();
    }

    @Test
    void theLastCommitPointCounts() throws IOException {
        for (long offset = 1; offset <= 3; offset++) {
            CommitPoint point = commitPoint(offset);
            write(batch -> batch.commitPoint(point));
        }
        assertThat(index.commitPoint().offsets()).isEqualTo(Map.of("changelog-0", 3L));
    }

    @Test
    void liveBytesOfZeroForgetTheFile() throws IOException {
        write(batch -> {
            batch.live(1, live(10));
            batch.live(2, live(20));
        });
        write(batch -> batch.live(1, LiveRecords.NONE));
        assertThat(index.live()).isEqualTo(Map.of(2L, live(20)));
    }

    @Test
    void liveBytesKnowTheHighestFileId() throws IOException {
        write(batch -> batch.live(0xFFFF_FFFFL, live(1L << 40)));
        assertThat(index.live()).isEqualTo(Map.of(0xFFFF_FFFFL, live(1L << 40)));
    }

    @Test
    void clearForgetsEverythingForGood() throws IOException {
        put(key(), separated(1));
        put(key(0xFF, 0xFF), separated(1));
        write(batch -> {
            batch.live(0xFFFF_FFFFL, live(10));
            batch.commitPoint(commitPoint(5));
        });
        index.clear(commitPoint(0));
        assertIsEmptyAt(0);
        reopen();
        assertIsEmptyAt(0);
    }

    @Test
    void anEmptyIndexCanBeCleared() throws IOException {
        index.clear(commitPoint(1));
        assertIsEmptyAt(1);
    }

    @Test
    void aClearedIndexCanBeWrittenAgain() throws IOException {
        put(key(1), separated(1));
        index.clear(commitPoint(0));
        put(key(1), separated(2));
        assertThat(index.get(key(1))).isEqualTo(separated(2));
    }

    @Test
    void everythingIsThereAfterReopening() throws IOException {
        putOneTo(100);
        reopen();
        assertThat(keys(KeyRange.ALL, true)).hasSize(100);
        assertThat(index.get(key(42))).isEqualTo(separated(42));
    }

    /** A copy of the folder is the state that a killed process leaves. */
    @Test
    void whatWouldTakeLongToReplayIsFlushedWhenItIsClosed() throws IOException {
        putOneTo(10);
        reopen();
        assertThat(tables()).as("a small one is left to the write-ahead log").isEmpty();
        for (int last = 1; last <= 20; last++) {
            byte[] large = new byte[20_000];
            new Random(last).nextBytes(large);
            put(large, separated(last));
        }
        assertThat(tables()).isEmpty();
        reopen();
        assertThat(tables()).isNotEmpty();
        assertThat(keys(KeyRange.ALL, true)).hasSize(30);
    }

    private List<Path> tables() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("index"))) {
            return files.filter(file -> file.toString().endsWith(".sst")).toList();
        }
    }

    @Test
    void everythingWrittenSurvivesAKilledProcess() throws IOException {
        putOneTo(50);
        write(batch -> batch.commitPoint(commitPoint(50)));
        copy(folder.resolve("index"), folder.resolve("killed"));
        putOneTo(60);
        try (RocksDbIndex survivor = RocksDbIndex.open(folder.resolve("killed"), IndexTuning.NONE)) {
            assertThat(keys(survivor, KeyRange.ALL, true)).hasSize(50);
            assertThat(survivor.commitPoint().offsets()).isEqualTo(Map.of("changelog-0", 50L));
        }
    }

    @Test
    void aSecondIndexInTheSameFolderIsRefused() {
        Path sameFolder = folder.resolve("index");
        assertThatThrownBy(() -> RocksDbIndex.open(sameFolder, IndexTuning.NONE))
                .isInstanceOf(IndexException.class)
                .hasMessageContaining(sameFolder.toString());
    }

    @Test
    void aRefusedSecondIndexDoesNotHurtTheFirst() throws IOException {
        aSecondIndexInTheSameFolderIsRefused();
        put(key(1), separated(1));
        assertThat(index.get(key(1))).isEqualTo(separated(1));
    }

    @Test
    void theUsersTuningIsAppliedOnceAndReleasedAfterClosing() throws IOException {
        CountingTuning tuning = new CountingTuning();
        RocksDbIndex.open(folder.resolve("tuned"), tuning).close();
        assertThat(tuning.calls).containsExactly("tune", "release");
    }

    @Test
    void theUsersTuningIsReleasedIfOpeningFails() {
        CountingTuning tuning = new CountingTuning();
        assertThatThrownBy(() -> RocksDbIndex.open(folder.resolve("index"), tuning))
                .isInstanceOf(IndexException.class);
        assertThat(tuning.calls).containsExactly("tune", "release");
    }

    @Test
    void theNumberOfEntriesIsRoughlyRight() throws IOException {
        putOneTo(100);
        assertThat(index.approximateEntries()).isBetween(50L, 200L);
    }

    @Test
    void deadRecordsOfAFileAddUpUntilTheyAreForgotten() throws IOException {
        long lastFile = 0xFFFF_FFFFL;
        write(batch -> {
            batch.dead(1, new long[] {500, 31});
            batch.dead(lastFile, new long[] {31, 32L << 30, (32L << 30) - 8});
            batch.live(1, live(10));
        });
        write(batch -> batch.dead(1, new long[] {200}));
        reopen();
        assertThat(LongStream.of(31, 200, 300, 500).filter(index.known(1)::isDead))
                .containsExactly(31L, 200L, 500L);
        assertThat(index.known(1).live()).isEqualTo(live(10));
        assertThat(index.known(2).live()).isEqualTo(LiveRecords.NONE);
        assertThat(index.known(lastFile).deadCount()).as("up to 32 GiB").isEqualTo(2);
        assertThat(index.known(lastFile).isDead((32L << 30) - 8)).isTrue();
        assertThat(index.filesWithDead()).containsExactly(1L, lastFile);
        write(batch -> {
            batch.forgetDead(1);
            batch.dead(2, new long[] {31});
        });
        assertThat(index.known(1).deadCount()).isZero();
        assertThat(index.filesWithDead()).containsExactly(2L, lastFile);
        write(batch -> batch.forgetDead(lastFile));
        assertThat(index.filesWithDead()).containsExactly(2L);
        assertThat(index.live()).isEqualTo(Map.of(1L, live(10)));
    }

    @Test
    void aListOfDeadRecordsOfAnotherLengthIsDamage() {
        byte[] key = DeadList.encode(1, new long[] {3}).key();
        assertThatThrownBy(() -> DeadList.decode(key, new byte[3], unit -> {}))
                .isInstanceOf(IndexDamagedException.class);
        assertThatThrownBy(() -> DeadList.decode(new byte[8], new byte[4], unit -> {}))
                .isInstanceOf(IndexDamagedException.class);
    }

    @Test
    void aCloseFlushesNothingThatIsQuicklyReplayed() throws IOException {
        putOneTo(3);
        reopen();
        assertThat(tables()).as("it was not flushed").isEmpty();
        assertThat(keys(KeyRange.ALL, true)).hasSize(3);
    }

    @Test
    void theNumberOfEntriesIsRoughlyRightAfterReopening() throws IOException {
        write(batch -> {
            for (int i = 0; i < 20_000; i++) {
                batch.put(ByteBuffer.allocate(4).putInt(i).array(), separated(1));
            }
        });
        reopen();
        assertThat(tables()).as("it was flushed").isNotEmpty();
        assertThat(index.approximateEntries()).isBetween(15_000L, 25_000L);
    }

    @Test
    void theKeyOfLiveBytesRefusesAnotherLength() {
        assertThatThrownBy(() -> CommitKeys.fileId(new byte[4])).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> CommitKeys.decodeNumber(new byte[7])).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> CommitKeys.decodeLive(new byte[8])).isInstanceOf(IndexException.class);
    }

    /** As many as fit would slow every scan that begins with them. */
    @Test
    void aWriteBufferWithManyDeletionsIsFlushed() throws Exception {
        putAndDelete(0, RocksDbIndex.MAX_BUFFERED_DELETIONS);
        assertThat(index.property(BUFFERED_DELETIONS)).isEqualTo(RocksDbIndex.MAX_BUFFERED_DELETIONS);
        putAndDelete(RocksDbIndex.MAX_BUFFERED_DELETIONS, 1);
        assertThat(index.property(BUFFERED_DELETIONS)).isZero();
    }

    @Test
    void fewOf300_000DeletionsAreLeft() throws Exception {
        int perBatch = 1000;
        for (int first = 0; first < 300_000; first += perBatch) {
            putAndDelete(first, perBatch);
            awaitIdle();
            assertThat(index.property(BUFFERED_DELETIONS)).isLessThanOrEqualTo(RocksDbIndex.MAX_BUFFERED_DELETIONS);
        }
        int bytesOfADeletion = 40;
        assertThat(index.property("rocksdb.live-sst-files-size"))
                .isLessThan(10L * RocksDbIndex.MAX_BUFFERED_DELETIONS * bytesOfADeletion);
    }

    @Test
    void deletionsAreNotFlushedIfNoCompactionWouldDropThem() throws Exception {
        index.close();
        index = RocksDbIndex.open(folder.resolve("index"), new CountingTuning() {
            @Override
            public void tune(Options options) {
                options.setDisableAutoCompactions(true);
            }
        });
        putAndDelete(0, 2 * RocksDbIndex.MAX_BUFFERED_DELETIONS);
        assertThat(index.property(BUFFERED_DELETIONS)).isEqualTo(2 * RocksDbIndex.MAX_BUFFERED_DELETIONS);
    }

    private void putAndDelete(int first, int count) throws IOException {
        write(batch -> {
            for (int number = first; number < first + count; number++) {
                byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
                batch.put(key, separated(1));
                batch.delete(key);
            }
        });
    }

    private void awaitIdle() throws Exception {
        for (String work : List.of(
                "rocksdb.num-immutable-mem-table",
                "rocksdb.num-running-flushes",
                "rocksdb.compaction-pending",
                "rocksdb.num-running-compactions")) {
            while (index.property(work) > 0) {
                Thread.sleep(1);
            }
        }
    }

    private void assertIsEmptyAt(long offset) throws IOException {
        assertThat(keys(KeyRange.ALL, true)).isEmpty();
        assertThat(index.get(key())).isNull();
        assertThat(index.live()).isEmpty();
        assertThat(index.commitPoint().offsets()).isEqualTo(Map.of("changelog-0", offset));
    }

    private void putOneTo(int last) throws IOException {
        for (int i = 1; i <= last; i++) {
            put(key(i), separated(i));
        }
    }

    private void put(byte[] key, ValueLocation location) throws IOException {
        write(batch -> batch.put(key, location));
    }

    private interface Changes {
        void addTo(IndexBatch batch) throws IndexException;
    }

    private void write(Changes changes) throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            changes.addTo(batch);
            index.write(batch, false);
        }
    }

    private List<byte[]> keys(KeyRange range, boolean ascending) throws IOException {
        return keys(index, range, ascending);
    }

    private static List<byte[]> keys(LocationIndex index, KeyRange range, boolean ascending) throws IOException {
        List<byte[]> keys = new ArrayList<>();
        try (IndexCursor cursor = index.openCursor(range, ascending)) {
            for (; cursor.isValid(); cursor.advance()) {
                keys.add(cursor.key());
            }
        }
        Comparator<byte[]> order = Arrays::compareUnsigned;
        assertThat(keys).isSortedAccordingTo(ascending ? order : order.reversed());
        return keys;
    }

    private static LiveRecords live(long bytes) {
        return new LiveRecords(bytes, 7 * bytes);
    }

    private static CommitPoint commitPoint(long offset) {
        return new CommitPoint(
                new VLogTail(1, 100, 1),
                EntryCount.NONE,
                Map.of("changelog-0", offset),
                new byte[0],
                FORMATS,
                false,
                true,
                false);
    }

    private static ValueLocation separated(int number) {
        return new Separated(0, new ValuePointer(number, 31, 1, number, number));
    }

    private static ValueLocation inline(int number) {
        return new Inline(1, new byte[number]);
    }

    private static byte[] key(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static class CountingTuning implements IndexTuning {

        private final List<String> calls = new ArrayList<>();

        @Override
        public void tune(Options options) {
            calls.add("tune");
        }

        @Override
        public void release(Options options) {
            calls.add("release");
        }
    }

    /** The option is set by name, and a RocksDB that does not know it ignores it silently. */
    @Test
    void theWriteBufferIsToldWhereTheLastKeyWent() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("index"))) {
            Path options = files.filter(file -> file.getFileName().toString().startsWith("OPTIONS"))
                    .findFirst()
                    .orElseThrow();
            assertThat(Files.readString(options))
                    .contains("memtable_insert_with_hint_prefix_extractor=rocksdb.CappedPrefix.0");
        }
    }
}
