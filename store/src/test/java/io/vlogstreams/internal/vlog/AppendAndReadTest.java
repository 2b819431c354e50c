/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.key;
import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AppendAndReadTest {

    private final FaultyStorage storage = new FaultyStorage();

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "10, 0",
        "0, 10",
        "10, 65535",
        "10, 65536",
        "10, 65537",
        "65536, 10",
        "200000, 200000",
        "10, 131050",
        "10, 131051",
        "10, 5242880"
    })
    void aRecordOfAnySizeIsReadBeforeAndAfterItIsWritten(int keyBytes, int valueBytes) throws IOException {
        byte[] key = value(1, keyBytes);
        byte[] value = value(2, valueBytes);
        for (int buffer : new int[] {0, 64, 4096, 1 << 20}) {
            try (VLog log = TestLog.open(new FaultyStorage(), TestLog.options(1 << 30, buffer), null)) {
                log.append(key(0), value(0, 100));
                ValuePointer pointer = log.append(key, value);
                ValuePointer next = log.append(key(3), value(3, 100));
                assertThat(log.read(pointer, key)).isEqualTo(value);
                log.drain();
                assertThat(log.read(pointer, key)).isEqualTo(value);
                assertThat(log.read(next, key(3))).isEqualTo(value(3, 100));
            }
        }
    }

    @Test
    void recordsFollowEachOtherWithoutAGap() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            long offset = FileHeader.BYTES;
            for (int i = 0; i < 1000; i++) {
                ValuePointer pointer = log.append(key(i), value(i, i % 300));
                assertThat(pointer.offset()).isEqualTo(offset);
                offset += pointer.recordBytes();
            }
            assertThat(log.tail()).isEqualTo(new VLogTail(1, offset, 1));
        }
    }

    @Test
    void nothingIsWrittenBeforeTheBufferIsFullOrDrained() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            log.append(key(1), value(1, 100));
            assertThat(storage.bytes(FileName.of(1))).hasSize(FileHeader.BYTES);
            log.drain();
            assertThat((long) storage.bytes(FileName.of(1)).length)
                    .isEqualTo(log.tail().longLived().length());
        }
    }

    @Test
    void closeDrains() throws IOException {
        ValuePointer pointer;
        try (VLog log = TestLog.open(storage)) {
            pointer = log.append(key(1), value(1, 100));
        }
        try (VLog log = TestLog.open(storage)) {
            assertThat(log.read(pointer, key(1))).isEqualTo(value(1, 100));
        }
    }

    @Test
    void closeTwiceIsCloseOnce() throws IOException {
        VLog log = TestLog.open(storage);
        log.append(key(1), value(1, 100));
        log.close();
        assertThatCode(log::close).doesNotThrowAnyException();
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void aClosedLogSaysSo() throws IOException {
        VLog log = TestLog.open(storage);
        ValuePointer pointer = log.append(key(1), value(1, 100));
        log.close();
        assertThatThrownBy(() -> log.append(key(1), value(1, 1))).hasMessageContaining("is closed");
        assertThatThrownBy(() -> log.read(pointer, key(1))).hasMessageContaining("is closed");
        assertThatThrownBy(log::sync).hasMessageContaining("is closed");
    }

    @Test
    void openingAndClosingCreatesNothing() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            assertThat(log.files()).isEmpty();
            assertThat(log.tail()).isEqualTo(VLogTail.EMPTY);
            log.drain();
            log.sync();
        }
        assertThat(storage.list()).isEmpty();
    }

    @Test
    void anotherKeyThanTheRecordsIsRefused() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            ValuePointer pointer = log.append(key(1), value(1, 100));
            assertThatThrownBy(() -> log.read(pointer, key(2)))
                    .isInstanceOf(CorruptRecordException.class)
                    .hasMessageContaining("00000000000000000001.vlog, record at offset 31")
                    .hasMessageContaining("expected key 0x6b65792d32, found 0x6b65792d31");
            assertThatThrownBy(() -> log.read(pointer, new byte[0]))
                    .isInstanceOf(CorruptRecordException.class)
                    .hasMessageContaining("expected key length 0, found 5");
        }
    }

    @Test
    void aPointerIntoAnotherPlaceOrOfAnotherSizeIsRefused() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            ValuePointer right = log.append(key(1), value(1, 100));
            log.append(key(2), value(2, 100));
            List<ValuePointer> wrong = new ArrayList<>();
            for (long offset = 0; offset < 300; offset++) {
                wrong.add(new ValuePointer(1, offset, 5, 100, right.crc()));
            }
            wrong.remove(right);
            wrong.add(new ValuePointer(1, Long.MAX_VALUE, 5, 100, right.crc()));
            wrong.add(new ValuePointer(1, 31, 5, 99, right.crc()));
            wrong.add(new ValuePointer(1, 31, 5, 101, right.crc()));
            wrong.add(new ValuePointer(1, 31, 5, 100, right.crc() + 1));
            for (ValuePointer pointer : wrong) {
                assertThatThrownBy(() -> log.read(pointer, key(1)))
                        .as("%s", pointer)
                        .isInstanceOf(CorruptRecordException.class);
            }
        }
    }

    @Test
    void aDamagedLengthIsCheckedAgainstTheFileBeforeAnythingIsAllocated() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            log.append(key(1), value(1, 100));
            // Allocating this much would end the test run.
            ValuePointer huge = new ValuePointer(1, 31, 5, Integer.MAX_VALUE, 0);
            assertThatThrownBy(() -> log.read(huge, key(1)))
                    .isInstanceOf(CorruptRecordException.class)
                    .hasMessageContaining("+2147483664");
        }
    }

    @Test
    void aShortReadIsAnError() throws IOException {
        for (int valueBytes : new int[] {100, 300_000}) {
            try (VLog log = TestLog.open(storage)) {
                ValuePointer pointer = log.append(key(1), value(1, valueBytes));
                log.drain();
                String name = FileName.of(pointer.fileId());
                try (StorageFile file = storage.open(name)) {
                    file.truncate(pointer.offset() + pointer.recordBytes() - 20);
                }
                assertThatThrownBy(() -> log.read(pointer, key(1)))
                        .isInstanceOf(CorruptRecordException.class)
                        .hasMessageContaining("expected length of the file");
            }
        }
    }

    @Test
    void aFileThatNeverWasIsGone() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            assertThatThrownBy(() -> log.read(new ValuePointer(9, 31, 1, 1, 0), new byte[1]))
                    .isInstanceOf(FileGoneException.class)
                    .hasMessageContaining("00000000000000000009.vlog");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1000, 1 << 20})
    void aSecondReadGivesTheSameWithACacheOrWithout(long cacheBytes) throws IOException {
        VLogOptions options = new VLogOptions(1 << 20, 4096, 4, cacheBytes, ChecksumLevel.FULL);
        try (VLog log = TestLog.open(storage, options, null)) {
            ValuePointer pointer = log.append(key(1), value(1, 100));
            byte[] first = log.read(pointer, key(1));
            first[0]++; // the caller's own
            assertThat(log.read(pointer, key(1))).isEqualTo(value(1, 100));
            assertThatThrownBy(() -> log.read(pointer, key(2))).isInstanceOf(CorruptRecordException.class);
        }
    }

    @Test
    void aSecondReadIsServedByTheCache() throws IOException {
        VLogOptions options = new VLogOptions(1 << 20, 0, 4, 1 << 20, ChecksumLevel.FULL);
        try (VLog log = TestLog.open(storage, options, null)) {
            ValuePointer pointer = log.append(key(1), value(1, 100));
            log.read(pointer, key(1));
            long calls = storage.calls();
            log.read(pointer, key(1));
            assertThat(storage.calls()).isEqualTo(calls);
        }
    }

    @Test
    void withChecksumsDisabledADamagedValueIsReturnedButADamagedKeyIsNot() throws IOException {
        VLogOptions options = new VLogOptions(1 << 20, 0, 4, 0, ChecksumLevel.DISABLED);
        ValuePointer pointer;
        try (VLog log = TestLog.open(storage, options, null)) {
            pointer = log.append(key(1), value(1, 100));
        }
        VLogTail tail = new VLogTail(1, pointer.offset() + pointer.recordBytes(), 1);
        storage.flipBit(FileName.of(1), (pointer.offset() + 8 + 5) * 8);
        try (VLog log = TestLog.open(storage, options, tail)) {
            assertThat(log.read(pointer, key(1))).isNotEqualTo(value(1, 100));
        }
        storage.flipBit(FileName.of(1), (pointer.offset() + 8) * 8);
        try (VLog log = TestLog.open(storage, options, tail)) {
            assertThatThrownBy(() -> log.read(pointer, key(1))).isInstanceOf(CorruptRecordException.class);
        }
    }
}
