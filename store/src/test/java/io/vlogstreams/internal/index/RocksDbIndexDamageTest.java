/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.FolderOfOpenStore;
import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.Options;

/**
 * Damaged files of RocksDB. An index opens with all writes up to some moment, or reports damage; it never opens without
 * a part in the middle.
 */
@Timeout(value = 2, unit = java.util.concurrent.TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RocksDbIndexDamageTest {

    /** The number of writes of each process: the first fills a table. */
    private static final int[] LIVES = {400, 40, 40, 40};

    private static final int WRITES = 520;

    /** The offset of the type in the header of a log record. */
    private static final int TYPE_OFFSET = 6;

    private static final IndexTuning SMALL_TABLES = new IndexTuning() {
        @Override
        public void tune(Options options) {
            options.setWriteBufferSize(64 << 10);
        }

        @Override
        public void release(Options options) {}
    };

    @TempDir
    Path temp;

    private Path folder;

    /** Creates tables and a write-ahead log by several processes, the last of which was killed. */
    @BeforeEach
    void fill() throws IOException {
        fill(SMALL_TABLES, false);
    }

    /** If every process is killed, each leaves a write-ahead log. */
    private void fill(IndexTuning tuning, boolean alwaysKilled) throws IOException {
        folder = temp.resolve("index");
        FolderOfOpenStore.delete(folder);
        int written = 0;
        for (int life = 0; life < LIVES.length; life++) {
            Path killed = temp.resolve("killed" + life);
            FolderOfOpenStore.delete(killed);
            boolean isKilled = alwaysKilled || life == LIVES.length - 1;
            try (RocksDbIndex index = RocksDbIndex.open(folder, tuning)) {
                for (int i = 0; i < LIVES[life]; i++) {
                    write(index, ++written);
                }
                if (isKilled) {
                    new FolderOfOpenStore(folder).copyTo(killed);
                }
            }
            folder = isKilled ? killed : folder;
        }
    }

    /** Makes the write with that number, starting at 1. */
    private static void write(RocksDbIndex index, int number) throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            batch.put(key(number), new Inline(0, new byte[200]));
            batch.commitPoint(new CommitPoint(
                    VLogTail.EMPTY,
                    EntryCount.NONE,
                    Map.of("changelog-0", (long) number),
                    new byte[0],
                    new byte[] {0},
                    false,
                    true,
                    false));
            index.write(batch, false);
        }
    }

    private static byte[] key(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    private List<Path> files(String pattern) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches(pattern))
                    .sorted()
                    .toList();
        }
    }

    private Path manifest() throws IOException {
        return folder.resolve(Files.readString(folder.resolve("CURRENT")).strip());
    }

    /** Checks that the index has exactly the first writes, and continues from there; returns their number. */
    private int openAndCheck(Path of) throws IOException {
        int last;
        try (RocksDbIndex index = RocksDbIndex.open(of, SMALL_TABLES)) {
            last = check(index);
            write(index, last + 1);
        }
        try (RocksDbIndex index = RocksDbIndex.open(of, SMALL_TABLES)) {
            assertThat(check(index)).as("after it was opened again").isEqualTo(last + 1);
        }
        return last;
    }

    private static int check(RocksDbIndex index) throws IOException {
        CommitPoint commitPoint = index.commitPoint();
        List<byte[]> found = new ArrayList<>();
        try (IndexCursor cursor = index.openCursor(KeyRange.ALL, true)) {
            for (; cursor.isValid(); cursor.advance()) {
                found.add(cursor.key());
            }
        }
        int last = commitPoint == null
                ? 0
                : commitPoint.offsets().get("changelog-0").intValue();
        assertThat(found).hasSize(last);
        for (int i = 0; i < last; i++) {
            assertThat(found.get(i)).isEqualTo(key(i + 1));
        }
        return last;
    }

    private void assertIsDamaged(String... words) {
        assertThatThrownBy(() -> RocksDbIndex.open(folder, SMALL_TABLES).close())
                .isInstanceOf(IndexDamagedException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void anUndamagedOneHoldsEverything() throws IOException {
        assertThat(files("\\d+\\.sst")).isNotEmpty();
        assertThat(openAndCheck(folder)).isEqualTo(WRITES);
    }

    @Test
    void aManifestThatIsCutAnywhereLosesNothingInTheMiddle() throws IOException {
        byte[] whole = Files.readAllBytes(manifest());
        int step = Math.max(1, whole.length / 60);
        for (int length = 0; length < whole.length; length += step) {
            Path cut = temp.resolve("cut" + length);
            new FolderOfOpenStore(folder).copyTo(cut);
            Files.write(cut.resolve(manifest().getFileName()), Arrays.copyOf(whole, length));
            try {
                openAndCheck(cut);
            } catch (IndexDamagedException e) {
                assertThat(e).hasMessageContaining("index");
            }
            FolderOfOpenStore.delete(cut);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWriteAheadLogInTheMiddleThatIsLostIsMissed(boolean deleted) throws IOException {
        fill(IndexTuning.NONE, true);
        List<Path> logs = files("\\d+\\.log");
        Path lost = logs.get(logs.size() - 2);
        if (deleted) {
            Files.delete(lost);
        } else {
            Files.write(lost, new byte[0]);
        }
        assertIsDamaged("expected " + WRITES + " writes", "found");
    }

    @Test
    void theLastWriteAheadLogMayBeCutAnywhere() throws IOException {
        List<Path> logs = files("\\d+\\.log");
        Path last = logs.get(logs.size() - 1);
        byte[] whole = Files.readAllBytes(last);
        for (int length = 0; length < whole.length; length += whole.length / 20) {
            Path cut = temp.resolve("cut" + length);
            new FolderOfOpenStore(folder).copyTo(cut);
            Files.write(cut.resolve(last.getFileName()), Arrays.copyOf(whole, length));
            assertThat(openAndCheck(cut)).isLessThan(WRITES);
            FolderOfOpenStore.delete(cut);
        }
    }

    /** RocksDB never returns from such a record. */
    @ParameterizedTest
    @ValueSource(ints = {4, 12})
    void aRecordOfTheManifestThatLooksRecycledIsDamage(int bits) throws IOException {
        Path manifest = manifest();
        byte[] bytes = Files.readAllBytes(manifest);
        bytes[secondRecord(bytes) + TYPE_OFFSET] ^= (byte) bits;
        Files.write(manifest, bytes);
        assertIsDamaged(manifest.toString(), "offset " + secondRecord(bytes));
    }

    @Test
    void aRecordOfTheLastLogThatLooksRecycledEndsIt() throws IOException {
        List<Path> logs = files("\\d+\\.log");
        Path last = logs.get(logs.size() - 1);
        byte[] bytes = Files.readAllBytes(last);
        int second = secondRecord(bytes);
        bytes[second + TYPE_OFFSET] ^= 4;
        Files.write(last, bytes);
        int found = openAndCheck(folder);
        assertThat(found).isLessThan(WRITES);
    }

    private static int secondRecord(byte[] log) {
        return 7 + Byte.toUnsignedInt(log[4]) + (Byte.toUnsignedInt(log[5]) << 8);
    }

    /** RocksDB skips a block of zeros if a record begins with the next block. */
    @Test
    void zerosInALogAreNotSkipped() throws IOException {
        List<Path> logs = files("\\d+\\.log");
        Path last = logs.get(logs.size() - 1);
        byte[] bytes = Files.readAllBytes(last);
        int second = secondRecord(bytes);
        Arrays.fill(bytes, second, Math.min(bytes.length, 4096), (byte) 0);
        Files.write(last, bytes);
        assertThat(openAndCheck(folder)).isLessThan(WRITES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "MANIFEST-999999\n", "\0\n"})
    void aDamagedCurrentIsDamage(String content) throws IOException {
        Files.writeString(folder.resolve("CURRENT"), content);
        assertIsDamaged(folder.toString());
    }

    @Test
    void aMissingCurrentIsNotANewIndex() throws IOException {
        Files.delete(folder.resolve("CURRENT"));
        assertIsDamaged("CURRENT", folder.toString());
        for (Path log : files("\\d+\\.log")) {
            Files.delete(log);
        }
        assertIsDamaged("CURRENT", folder.toString());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTableThatIsEmptyOrMissingIsDamage(boolean missing) throws IOException {
        Path table = files("\\d+\\.sst").get(0);
        Files.delete(table);
        if (!missing) {
            Files.createFile(table);
        }
        assertIsDamaged(table.getFileName().toString().replaceAll("^0*", ""));
    }

    @Test
    void aDamagedBlockIsDamageWhenItIsRead() throws IOException {
        Path table = files("\\d+\\.sst").get(0);
        byte[] bytes = Files.readAllBytes(table);
        bytes[100] ^= 1;
        Files.write(table, bytes);
        try (RocksDbIndex index = RocksDbIndex.open(folder, SMALL_TABLES)) {
            assertThatThrownBy(() -> check(index)).isInstanceOf(IndexDamagedException.class);
        } catch (IndexDamagedException e) {
            assertThat(e).as("or when it is opened").hasMessageContaining("index");
        }
    }

    @Test
    void whatIsInUseIsNotDamaged() throws IOException {
        try (RocksDbIndex open = RocksDbIndex.open(folder, SMALL_TABLES)) {
            assertThatThrownBy(() -> RocksDbIndex.open(folder, SMALL_TABLES))
                    .isInstanceOf(IndexException.class)
                    .isNotInstanceOf(IndexDamagedException.class);
            assertThat(check(open)).isEqualTo(WRITES);
        }
    }

    @Test
    void whatCannotBeReadIsNotDamaged() throws IOException {
        Path manifest = manifest();
        Files.delete(manifest);
        Files.createDirectory(manifest);
        assertThatThrownBy(() -> RocksDbIndex.open(folder, SMALL_TABLES))
                .isInstanceOf(IndexException.class)
                .isNotInstanceOf(IndexDamagedException.class);
    }

    @Test
    void whatANewerRocksDbWroteIsNotDamaged() throws IOException {
        for (Path options : files("OPTIONS-\\d+")) {
            Files.writeString(
                    options, Files.readString(options).replaceAll("rocksdb_version=\\S+", "rocksdb_version=99.1.0"));
        }
        Files.write(files("\\d+\\.sst").get(0), new byte[0]);
        assertThatThrownBy(() -> RocksDbIndex.open(folder, SMALL_TABLES))
                .isInstanceOf(IndexException.class)
                .isNotInstanceOf(IndexDamagedException.class)
                .hasMessageContaining("newer");
    }

    @Test
    void aNewOneTakesItsPlace() throws IOException {
        Files.delete(folder.resolve("CURRENT"));
        CommitPoint first = CommitPoint.empty(new byte[] {0});
        RocksDbIndex.replace(folder, SMALL_TABLES, first);
        try (RocksDbIndex index = RocksDbIndex.open(folder, SMALL_TABLES)) {
            assertThat(index.commitPoint().offsets()).isEmpty();
            assertThat(index.get(key(1))).isNull();
        }
    }
}
