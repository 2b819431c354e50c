/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.key;
import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.VLogDamagedException.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/** Opening a log, with and without the tail of a commit point. */
class OpeningTest {

    private static final VLogOptions SMALL_FILES = TestLog.options(1024, 256);

    private static final Comparator<ValuePointer> BY_PLACE =
            Comparator.comparingLong(ValuePointer::fileId).thenComparingLong(ValuePointer::offset);

    private final FaultyStorage storage = new FaultyStorage();
    private final Map<ValuePointer, Integer> written = new LinkedHashMap<>();

    private void append(VLog log, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            int number = written.size();
            ValuePointer pointer = log.append(key(number), value(number, 100));
            assertThat(written.put(pointer, number)).isNull();
        }
    }

    private void assertAllCanBeRead(VLog log) throws IOException {
        for (Map.Entry<ValuePointer, Integer> record : written.entrySet()) {
            assertThat(log.read(record.getKey(), key(record.getValue()))).isEqualTo(value(record.getValue(), 100));
        }
    }

    @Test
    void aRestartContinuesTheLastFile() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            append(log, 3);
        }
        try (VLog log = TestLog.open(storage)) {
            append(log, 3);
            assertThat(log.files()).hasSize(1);
            assertAllCanBeRead(log);
        }
    }

    @Test
    void manyReopeningsOnlyAppend() throws IOException {
        ValuePointer last = new ValuePointer(0, 0, 0, 0, 0);
        VLogTail tail = null;
        for (int round = 0; round < 6; round++) {
            try (VLog log = TestLog.open(storage, SMALL_FILES, round % 2 == 0 ? tail : null)) {
                assertAllCanBeRead(log);
                for (int i = 0; i < 20; i++) {
                    append(log, 1);
                    ValuePointer newest =
                            written.keySet().stream().reduce((a, b) -> b).orElseThrow();
                    assertThat(BY_PLACE.compare(newest, last)).isPositive();
                    last = newest;
                }
                assertAllCanBeRead(log);
                tail = log.tail();
            }
        }
        assertThat(storage.list()).hasSizeGreaterThan(10);
    }

    @Test
    void foreignNamesAreIgnored() throws IOException {
        storage.put("LOCK", new byte[3]);
        storage.put("7.vlog", new byte[3]);
        storage.put("00000000000000000007.vlog.bak", new byte[3]);
        try (VLog log = TestLog.open(storage)) {
            assertThat(log.files()).isEmpty();
            append(log, 1);
            assertThat(log.tail().longLived().fileId()).isEqualTo(1);
        }
    }

    @Test
    void whatIsBehindTheTailIsForgottenButNotTouchedUntilTheFirstAppend() throws IOException {
        VLogTail tail;
        try (VLog log = TestLog.open(storage)) {
            append(log, 2);
            tail = log.tail();
            log.append(key(100), value(100, 500));
        }
        byte[] before = storage.bytes(FileName.of(1));
        try (VLog log = TestLog.open(storage, TestLog.OPTIONS, tail)) {
            assertThat(log.tail()).isEqualTo(tail);
            assertThat(log.files())
                    .containsExactly(new VLogFileInfo(1, tail.longLived().length(), true));
            assertAllCanBeRead(log);
            assertThat(storage.bytes(FileName.of(1))).isEqualTo(before);
            append(log, 1);
            assertThat(storage.bytes(FileName.of(1)))
                    .hasSize((int) tail.longLived().length());
            assertAllCanBeRead(log);
        }
        assertThat(storage.bytes(FileName.of(1))).hasSize((int) tail.longLived().length() + 12 + 5 + 100);
    }

    @Test
    void aPointerBehindTheTailIsRefused() throws IOException {
        VLogTail tail;
        ValuePointer uncommitted;
        try (VLog log = TestLog.open(storage)) {
            append(log, 2);
            tail = log.tail();
            uncommitted = log.append(key(100), value(100, 500));
        }
        try (VLog log = TestLog.open(storage, TestLog.OPTIONS, tail)) {
            assertThatThrownBy(() -> log.read(uncommitted, key(100))).isInstanceOf(CorruptRecordException.class);
        }
    }

    @Test
    void aTailFileThatIsFullIsCutAndSealedAtTheFirstAppend() throws IOException {
        VLogTail tail;
        try (VLog log = TestLog.open(storage, TestLog.options(10_000, 64), null)) {
            append(log, 9);
            tail = log.tail();
            log.append(key(100), value(100, 500));
        }
        try (VLog log = TestLog.open(storage, SMALL_FILES, tail)) {
            append(log, 1);
            assertThat(log.files()).hasSize(2);
            assertThat(storage.bytes(FileName.of(1)))
                    .hasSize((int) tail.longLived().length());
            assertAllCanBeRead(log);
        }
    }

    @Test
    void filesBehindTheTailAreSealedLeftoversThatNobodyReads() throws IOException {
        VLogTail tail;
        ValuePointer uncommitted;
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            append(log, 3);
            tail = log.tail();
            uncommitted = log.append(key(100), value(100, 2000));
            log.append(key(101), value(101, 2000));
        }
        try (VLog log = TestLog.open(storage, SMALL_FILES, tail)) {
            assertThat(log.files()).extracting(VLogFileInfo::fileId).containsExactly(1L, 2L, 3L);
            assertThat(log.files()).extracting(VLogFileInfo::active).containsExactly(true, false, false);
            assertThat(log.tail()).isEqualTo(new VLogTail(1, tail.longLived().length(), 3));
            assertThatThrownBy(() -> log.read(uncommitted, key(100))).isInstanceOf(CorruptRecordException.class);
            append(log, 10);
            assertThat(log.tail().longLived().fileId())
                    .as("no id is used again")
                    .isEqualTo(4);
            log.delete(2);
            log.delete(3);
            assertAllCanBeRead(log);
        }
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            assertAllCanBeRead(log);
        }
    }

    @Test
    void anEmptyTailMakesEveryFileALeftover() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            append(log, 3);
        }
        try (VLog log = TestLog.open(storage, TestLog.OPTIONS, VLogTail.EMPTY)) {
            assertThat(log.files()).extracting(VLogFileInfo::active).containsExactly(false);
            assertThat(log.tail()).isEqualTo(new VLogTail(0, 0, 1));
            assertThat(log.append(key(1), value(1, 1)).fileId()).isEqualTo(2);
        }
    }

    @Test
    void anIdIsNotUsedAgainAfterItsFileWasDeleted() throws IOException {
        VLogTail tail;
        try (VLog log = TestLog.open(storage, SMALL_FILES, VLogTail.EMPTY)) {
            append(log, 3);
            tail = new VLogTail(1, log.tail().longLived().length(), 9);
        }
        try (VLog log = TestLog.open(storage, SMALL_FILES, tail)) {
            append(log, 10);
            assertThat(log.tail().longLived().fileId()).isEqualTo(10);
        }
    }

    @Test
    void theLastIdIsFollowedByAClearError() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, new VLogTail(0, 0, 0xFFFF_FFFEL))) {
            append(log, 1);
            assertThat(log.tail().longLived().fileId()).isEqualTo(0xFFFF_FFFFL);
            assertThatThrownBy(() -> log.append(key(1), value(1, 2000)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("used up all file ids up to 4294967295");
            append(log, 1);
            assertAllCanBeRead(log);
        }
    }

    @Test
    void aMissingTailFileIsAClearError() {
        assertDamaged(new VLogTail(5, 100, 5), Kind.FILE_MISSING)
                .hasMessageContaining("00000000000000000005.vlog")
                .hasMessageContaining("100 bytes");
    }

    @Test
    void aTailFileThatIsTooShortIsAClearError() throws IOException {
        VLogTail tail;
        try (VLog log = TestLog.open(storage)) {
            append(log, 2);
            tail = log.tail();
        }
        for (int length : new int[] {(int) tail.longLived().length() - 1, 31, 30, 0}) {
            storage.cut(FileName.of(1), length);
            assertDamaged(tail, Kind.FILE_TOO_SHORT)
                    .hasMessageContaining(
                            "expected length " + tail.longLived().length() + " bytes, found " + length + " bytes");
        }
    }

    @Test
    void theHeaderOfEveryFileIsChecked() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            append(log, 40);
        }
        VLogTail tail;
        try (VLog log = TestLog.open(storage)) {
            tail = log.tail();
        }
        for (long file = 1; file <= tail.longLived().fileId(); file++) {
            byte[] right = storage.bytes(FileName.of(file));
            damageHeader(file, 0, tail, Kind.WRONG_MAGIC);
            damageHeader(file, 4, tail, Kind.UNKNOWN_VERSION);
            damageHeader(file, 6, tail, Kind.WRONG_FILE_ID);
            damageHeader(file, 26, tail, Kind.UNKNOWN_COMPRESSION);
            damageHeader(file, 27, tail, Kind.RESERVED_BYTES_IN_USE);
            storage.put(FileName.of(file), right);
        }
        storage.cut(FileName.of(1), 30);
        assertDamaged(tail, Kind.WRONG_HEADER_SIZE).hasMessageContaining("expected header size 31, found 30");
    }

    private void damageHeader(long file, int offset, VLogTail tail, Kind kind) {
        storage.flipBit(FileName.of(file), offset * 8L);
        for (VLogTail each : new VLogTail[] {tail, null}) {
            assertDamaged(each, kind).hasMessageContaining(FileName.of(file) + ", offset " + offset);
        }
        storage.flipBit(FileName.of(file), offset * 8L);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertDamaged(VLogTail tail, Kind kind) {
        return assertThatThrownBy(() -> TestLog.open(storage, SMALL_FILES, tail))
                .isInstanceOfSatisfying(
                        VLogDamagedException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void aFileWithoutAWholeHeaderBehindTheTailDoesNotStopOpening() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            append(log, 3);
        }
        byte[] header = new FileHeader(2, 0, 0, CompressionType.NONE).encode();
        for (int length = 0; length < FileHeader.BYTES; length++) {
            storage.put(FileName.of(2), Arrays.copyOf(header, length));
            for (VLogTail tail : new VLogTail[] {new VLogTail(1, 31 + 3 * 117, 1), null}) {
                try (VLog log = TestLog.open(storage, SMALL_FILES, tail)) {
                    assertThat(log.tail()).isEqualTo(new VLogTail(1, 31 + 3 * 117, 2));
                    assertAllCanBeRead(log);
                }
            }
        }
    }

    @Test
    void aTornFileIsGoneBeforeThereIsAHigherOne() throws IOException {
        VLogTail tail;
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            append(log, 3);
            tail = log.tail();
        }
        storage.put(FileName.of(2), new byte[7]);
        storage.put(FileName.of(3), new byte[40]);
        try (VLog log = TestLog.open(storage, SMALL_FILES, tail)) {
            append(log, 10);
            assertThat(log.files()).extracting(VLogFileInfo::fileId).containsExactly(1L, 4L);
            tail = log.tail();
        }
        try (VLog log = TestLog.open(storage, SMALL_FILES, tail)) {
            assertAllCanBeRead(log);
        }
    }

    @Test
    void aFileWithoutAHeaderUsesItsIdOnlyNearTheOthers() throws IOException {
        VLogTail tail;
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            append(log, 3);
            tail = log.tail();
        }
        long near = 1 + (1 << 16);
        storage.put(FileName.of(near), new byte[7]);
        storage.put(FileName.of(2 * near), new byte[0]);
        storage.put(FileName.of(FileName.MAX_ID), new byte[40]);
        for (VLogTail each : new VLogTail[] {tail, VLogTail.EMPTY}) {
            try (VLog log = TestLog.open(storage, SMALL_FILES, each)) {
                assertThat(log.tail().highestFileId()).isEqualTo(near);
                assertThat(log.files()).extracting(VLogFileInfo::fileId).containsExactly(1L, near);
            }
        }
        try (VLog log = TestLog.open(storage, SMALL_FILES, tail)) {
            append(log, 10);
            assertThat(log.tail().longLived().fileId()).isEqualTo(near + 1);
        }
        assertThat(storage.bytes(FileName.of(2 * near))).isEmpty();
        assertThat(storage.bytes(FileName.of(FileName.MAX_ID))).hasSize(40);
    }

    /** Whatever its id: only a log that has reached that id writes such a header. */
    @Test
    void aFileWithAHeaderUsesItsId() throws IOException {
        storage.put(FileName.of(1_000_000), new FileHeader(1_000_000, 0, 0, CompressionType.NONE).encode());
        try (VLog log = TestLog.open(storage, SMALL_FILES, VLogTail.EMPTY)) {
            append(log, 1);
            assertThat(log.tail().longLived().fileId()).isEqualTo(1_000_001);
        }
    }

    @Test
    void aFileThatIsThereAlreadyIsNeitherWrittenNorDeleted() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, VLogTail.EMPTY)) {
            append(log, 3);
            storage.put(FileName.of(2), new byte[7]);
            assertThatThrownBy(() -> log.append(key(100), value(100, 2000)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(FileName.of(2))
                    .hasMessageContaining("move it away");
            assertThat(storage.bytes(FileName.of(2))).isEqualTo(new byte[7]);
            append(log, 10);
            assertThat(log.tail().longLived().fileId()).isEqualTo(3);
            assertAllCanBeRead(log);
        }
    }

    @Test
    void withoutATailALogOfNothingButATornFileIsEmptyAndItsIdIsUsed() throws IOException {
        storage.put(FileName.of(1), new byte[7]);
        try (VLog log = TestLog.open(storage)) {
            assertThat(log.tail()).isEqualTo(new VLogTail(0, 0, 1));
            append(log, 1);
            assertThat(log.tail().longLived().fileId()).isEqualTo(2);
            assertAllCanBeRead(log);
        }
    }

    @Test
    void withoutATailATornRecordIsCutAtTheFirstAppend() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            append(log, 3);
        }
        byte[] whole = storage.bytes(FileName.of(1));
        try (VLog log = TestLog.open(storage)) {
            log.append(key(100), value(100, 50));
        }
        byte[] more = storage.bytes(FileName.of(1));
        for (int length = whole.length; length < more.length; length++) {
            storage.put(FileName.of(1), Arrays.copyOf(more, length));
            try (VLog log = TestLog.open(storage)) {
                assertThat(log.tail().longLived().length()).isEqualTo(whole.length);
                log.append(key(101), value(101, 5));
                assertThat(storage.bytes(FileName.of(1))).isEqualTo(whole);
                assertAllCanBeRead(log);
            }
        }
    }

    @Test
    void withoutATailRecordsLargerThanTheScannersWindowAreFound() throws IOException {
        VLogTail tail;
        try (VLog log = TestLog.open(storage)) {
            log.append(value(1, 200_000), value(2, 300_000));
            log.append(key(1), value(2, 65_536));
            tail = log.tail();
        }
        try (VLog log = TestLog.open(storage)) {
            assertThat(log.tail()).isEqualTo(tail);
        }
    }

    @Test
    void anUnreadableDiskIsNotTakenForATornTail() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            append(log, 3);
        }
        for (int n = 1; n <= 2; n++) { // the header, then the records
            storage.failCall(n, FaultyStorage.Operation.READ);
            assertThatThrownBy(() -> TestLog.open(storage)).isInstanceOf(FaultyStorage.InjectedException.class);
        }
        assertThat(storage.openFiles()).isZero();
    }
}
