/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.CompressionType.LZ4;
import static io.vlogstreams.internal.vlog.CompressionType.NONE;
import static io.vlogstreams.internal.vlog.CompressionType.ZSTD;
import static io.vlogstreams.internal.vlog.TestLog.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Logs with compression, and logs whose files have different compressions. */
class CompressionTest {

    private final FaultyStorage storage = new FaultyStorage();

    private static VLogOptions options(CompressionType type, ChecksumLevel checksums) {
        return options(type, checksums, 0);
    }

    private static VLogOptions options(CompressionType type, ChecksumLevel checksums, long cacheBytes) {
        return new VLogOptions(1 << 20, 4096, 4, cacheBytes, checksums, type, 3, 16);
    }

    private VLog open(CompressionType type, VLogTail tail) throws IOException {
        return TestLog.open(storage, options(type, ChecksumLevel.FULL), tail);
    }

    /** Returns a value; a third of them are incompressible. */
    private static byte[] value(int number, int length) {
        byte[] value = TestLog.value(number, length);
        if (number % 3 > 0) {
            Arrays.fill(value, length / 4, length, (byte) number);
        }
        return value;
    }

    private static int length(int number) {
        int[] lengths = {0, 1, 63, 64, 200, 1000, 5000, 140_000};
        return lengths[number % lengths.length];
    }

    private static void assertCanBeRead(VLog log, ValuePointer pointer, int number) throws IOException {
        assertThat(log.read(pointer, key(number))).isEqualTo(value(number, length(number)));
    }

    // ---- one compression

    @ParameterizedTest
    @CsvSource({
        "LZ4,FULL,0",
        "LZ4,DISABLED,0",
        "ZSTD,FULL,0",
        "ZSTD,DISABLED,0",
        "LZ4,FULL,1000000",
        "ZSTD,FULL,1000000"
    })
    void valuesComeBackFromTheBufferTheFileAndTheCache(CompressionType type, ChecksumLevel checksums, long cacheBytes)
            throws IOException {
        List<ValuePointer> pointers = new ArrayList<>();
        VLogOptions options = options(type, checksums, cacheBytes);
        VLogTail tail;
        try (VLog log = TestLog.open(storage, options, null)) {
            for (int i = 0; i < 50; i++) {
                pointers.add(log.append(key(i), value(i, length(i))));
                assertCanBeRead(log, pointers.get(i), i);
            }
            tail = log.tail();
        }
        for (VLogTail each : new VLogTail[] {tail, null}) {
            try (VLog log = TestLog.open(storage, options, each)) {
                assertThat(log.tail()).isEqualTo(tail);
                for (int round = 0; round < 2; round++) {
                    for (int i = 0; i < 50; i++) {
                        assertCanBeRead(log, pointers.get(i), i);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void theFileIsSmallerByWhatTheValuesLose(CompressionType type) throws IOException {
        try (VLog log = open(type, null)) {
            ValuePointer shrinks = log.append(key(1), new byte[100_000]);
            assertThat(shrinks.recordBytes()).isLessThan(1000);
            ValuePointer does = log.append(key(2), TestLog.value(2, 1000));
            assertThat(does.recordBytes())
                    .as("stored as it is, with one byte more")
                    .isEqualTo(12 + 5 + 1000 + 1);
            assertThat(log.tail().longLived().length()).isEqualTo(31 + shrinks.recordBytes() + does.recordBytes());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void aScanShowsTheRecordsAsTheyAreStored(CompressionType type) throws IOException {
        List<ValuePointer> pointers = new ArrayList<>();
        VLogTail tail;
        try (VLog log = open(type, null)) {
            for (int i = 0; i < 20; i++) {
                pointers.add(log.append(key(i), value(i, length(i))));
            }
            tail = log.tail();
        }
        try (VLog log = open(NONE, tail)) {
            log.append(key(1), value(1, 100)); // seals file 1
            try (RecordCursor cursor = log.openCursor(1)) {
                for (int i = 0; i < pointers.size(); i++) {
                    assertThat(cursor.advance()).isTrue();
                    assertThat(cursor.key()).isEqualTo(key(i));
                    assertThat(cursor.offset()).isEqualTo(pointers.get(i).offset());
                }
                assertThat(cursor.advance()).isFalse();
            }
        }
    }

    @Test
    void readersOnManyThreadsGetTheirValues() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(12);
        try (VLog log = open(ZSTD, null)) {
            List<ValuePointer> pointers = new ArrayList<>();
            for (int i = 0; i < 48; i++) {
                pointers.add(log.append(key(i), value(i, length(i))));
            }
            List<Future<Boolean>> readers = new ArrayList<>();
            for (int reader = 0; reader < 12; reader++) {
                int from = reader;
                readers.add(threads.submit(() -> {
                    for (int i = from; i < from + 300; i++) {
                        assertCanBeRead(log, pointers.get(i % 48), i % 48);
                    }
                    return true;
                }));
            }
            for (Future<Boolean> reader : readers) {
                assertThat(reader.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    // ---- the option changes

    @Test
    void aFileHasOneCompression() throws IOException {
        VLogTail tail = VLogTail.EMPTY;
        Map<ValuePointer, Integer> written = new TreeMap<>(
                java.util.Comparator.comparingLong(ValuePointer::fileId).thenComparingLong(ValuePointer::offset));
        CompressionType[] types = {NONE, LZ4, LZ4, ZSTD, NONE, NONE, ZSTD, LZ4, NONE};
        int[] files = {1, 2, 2, 3, 4, 4, 5, 6, 7};
        for (int process = 0; process < types.length; process++) {
            try (VLog log = open(types[process], tail)) {
                assertThat(log.tail()).as("opening changes nothing").isEqualTo(tail);
                for (int i = 0; i < 10; i++) {
                    int number = process * 10 + i;
                    ValuePointer pointer = log.append(key(number), value(number, length(number) % 2000));
                    assertThat(pointer.fileId()).isEqualTo(files[process]);
                    written.put(pointer, number);
                }
                for (Map.Entry<ValuePointer, Integer> record : written.entrySet()) {
                    int number = record.getValue();
                    assertThat(log.read(record.getKey(), key(number))).isEqualTo(value(number, length(number) % 2000));
                }
                tail = log.tail();
            }
            assertThat(storage.bytes(FileName.of(files[process]))[26]).isEqualTo(types[process].headerByte());
        }
        try (VLog log = open(ZSTD, null)) {
            assertThat(log.tail()).isEqualTo(tail);
            for (Map.Entry<ValuePointer, Integer> record : written.entrySet()) {
                int number = record.getValue();
                assertThat(log.read(record.getKey(), key(number))).isEqualTo(value(number, length(number) % 2000));
            }
        }
    }

    @Test
    void whatComesBehindTheCommittedEndIsCutOffTheSealedFile() throws IOException {
        VLogTail tail;
        ValuePointer committed;
        try (VLog log = open(NONE, null)) {
            committed = log.append(key(5), value(5, length(5)));
            tail = log.tail();
            log.append(key(6), value(6, length(6)));
        }
        try (VLog log = open(LZ4, tail)) {
            ValuePointer next = log.append(key(4), value(4, length(4)));
            assertThat(next.fileId()).isEqualTo(2);
            assertThat(storage.bytes(FileName.of(1)))
                    .hasSize((int) tail.longLived().length());
            assertCanBeRead(log, committed, 5);
            log.drain();
            // The process is killed before it commits the new end.
            try (VLog after = TestLog.open(storage.kill(), options(NONE, ChecksumLevel.FULL), tail)) {
                assertThat(after.tail())
                        .isEqualTo(new VLogTail(1, tail.longLived().length(), 2));
                assertCanBeRead(after, committed, 5);
                assertThatThrownBy(() -> after.read(next, key(4))).isInstanceOf(CorruptRecordException.class);
                assertThat(after.append(key(7), value(7, 100)).fileId())
                        .as("file 1 has the right compression again")
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void aChangeThatFailsIsMadeByTheNextAppend() throws IOException {
        VLogTail tail;
        ValuePointer first;
        try (VLog log = open(NONE, null)) {
            first = log.append(key(5), value(5, length(5)));
            tail = log.tail();
        }
        try (VLog log = open(ZSTD, tail)) {
            storage.failAlways(FaultyStorage.Operation.CREATE);
            assertThatThrownBy(() -> log.append(key(6), value(6, 100))).isInstanceOf(IOException.class);
            assertThat(log.tail().longLived().fileId()).isEqualTo(1);
            storage.heal();
            ValuePointer second = log.append(key(6), value(6, length(6)));
            assertThat(second.fileId()).isGreaterThan(1);
            assertCanBeRead(log, first, 5);
            assertCanBeRead(log, second, 6);
        }
    }

    @Test
    void anotherLevelGoesOnInTheSameFile() throws IOException {
        VLogTail tail;
        try (VLog log = open(ZSTD, null)) {
            log.append(key(5), value(5, length(5)));
            tail = log.tail();
        }
        VLogOptions higher = new VLogOptions(1 << 20, 4096, 4, 0, ChecksumLevel.FULL, ZSTD, 19, 16);
        try (VLog log = TestLog.open(storage, higher, tail)) {
            ValuePointer pointer = log.append(key(6), value(6, length(6)));
            assertThat(pointer.fileId()).isEqualTo(1);
            assertCanBeRead(log, pointer, 6);
        }
    }

    // ---- damage

    @ParameterizedTest
    @CsvSource({"LZ4,FULL", "LZ4,DISABLED", "ZSTD,FULL", "ZSTD,DISABLED"})
    void everyFlippedBitAndEveryCutIsFoundWhateverTheChecksumLevel(CompressionType type, ChecksumLevel checksums)
            throws IOException {
        int[] numbers = {1, 2, 3, 4}; // too small, small, as it is, compressed
        List<ValuePointer> pointers = new ArrayList<>();
        VLogTail tail;
        try (VLog log = open(type, null)) {
            for (int number : numbers) {
                pointers.add(log.append(key(number), value(number, number * 60)));
            }
            tail = log.tail();
        }
        byte[] right = storage.bytes(FileName.of(1));
        VLogOptions options = options(type, checksums);
        for (int bit = 0; bit < right.length * Byte.SIZE; bit++) {
            storage.flipBit(FileName.of(1), bit);
            int errors = countErrors(options, tail, pointers, numbers);
            assertThat(errors).as("bit %s", bit).isEqualTo(bit < FileHeader.BYTES * Byte.SIZE ? numbers.length : 1);
            storage.put(FileName.of(1), right);
        }
        for (int length = 0; length < right.length; length++) {
            storage.put(FileName.of(1), Arrays.copyOf(right, length));
            assertThat(countErrors(options, tail, pointers, numbers)).isEqualTo(numbers.length);
        }
    }

    private int countErrors(VLogOptions options, VLogTail tail, List<ValuePointer> pointers, int[] numbers)
            throws IOException {
        int errors = 0;
        try (VLog log = TestLog.open(storage, options, tail)) {
            for (int i = 0; i < numbers.length; i++) {
                try {
                    assertThat(log.read(pointers.get(i), key(numbers[i])))
                            .isEqualTo(value(numbers[i], numbers[i] * 60));
                } catch (CorruptRecordException e) {
                    assertThat(e)
                            .hasMessageContaining(FileName.of(1))
                            .hasMessageContaining("offset " + pointers.get(i).offset());
                    errors++;
                }
            }
            return errors;
        } catch (VLogDamagedException e) {
            assertThat(e).hasMessageContaining(FileName.of(1)).hasMessageContaining("offset ");
            return numbers.length;
        }
    }

    // ---- crashes

    @Test
    void whatWasSyncedSurvivesCrashesAndChangesOfTheOption() throws IOException {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            FaultyStorage disk = new FaultyStorage(seed);
            VLogTail tail = VLogTail.EMPTY;
            List<ValuePointer> committed = new ArrayList<>();
            for (int process = 0; process < 6; process++) {
                CompressionType type = List.of(NONE, LZ4, ZSTD).get(random.nextInt(3));
                VLogOptions options = new VLogOptions(3000, 256, 2, 2000, ChecksumLevel.FULL, type, 1, 16);
                VLog log = TestLog.open(disk, options, tail, committed);
                List<ValuePointer> current = new ArrayList<>(committed);
                int steps = random.nextInt(30);
                for (int i = 0; i < steps; i++) {
                    if (random.nextInt(6) == 0) {
                        log.sync();
                        tail = log.tail();
                        committed = new ArrayList<>(current);
                    } else {
                        int number = current.size();
                        current.add(log.append(key(number), value(number, number * 37 % 900)));
                    }
                }
                for (int number = 0; number < current.size(); number++) {
                    assertThat(log.read(current.get(number), key(number)))
                            .as("seed %s", seed)
                            .isEqualTo(value(number, number * 37 % 900));
                }
                disk = random.nextInt(4) == 0 ? disk.kill() : disk.crash(random.nextLong());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"NONE,LZ4", "LZ4,NONE", "LZ4,ZSTD", "ZSTD,ZSTD", "NONE,NONE"})
    void aRelocatedRecordHasItsValueWhateverTheFilesAre(CompressionType before, CompressionType now)
            throws IOException {
        List<ValuePointer> pointers = new ArrayList<>();
        VLogTail tail;
        try (VLog log = open(before, null)) {
            for (int i = 0; i < 20; i++) {
                pointers.add(log.append(key(i), value(i, length(i))));
            }
            tail = log.tail();
        }
        try (VLog log = open(now, tail)) {
            log.append(key(99), TestLog.value(99, 1 << 20)); // seals the file before
            List<ValuePointer> copies = new ArrayList<>();
            try (RecordCursor records = log.openCursor(pointers.get(0).fileId())) {
                for (int i = 0; i < pointers.size(); i++) {
                    copies.add(log.relocate(records, pointers.get(i), key(i)));
                }
            }
            log.drain();
            for (int i = 0; i < copies.size(); i++) {
                assertThat(copies.get(i).fileId()).isNotEqualTo(pointers.get(i).fileId());
                assertThat(log.read(copies.get(i), key(i))).isEqualTo(value(i, length(i)));
                if (before == now) {
                    assertThat(copies.get(i).crc()).isEqualTo(pointers.get(i).crc());
                }
            }
        }
    }
}
