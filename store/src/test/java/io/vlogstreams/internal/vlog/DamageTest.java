/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.key;
import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Invariant 7: a damaged byte causes an error that names file and offset, never a wrong value. */
class DamageTest {

    private static final int RECORDS = 4;

    private final FaultyStorage storage = new FaultyStorage();
    private final List<ValuePointer> pointers = new ArrayList<>();
    private byte[] right = new byte[0];
    private VLogTail tail = VLogTail.EMPTY;

    @BeforeEach
    void write() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            for (int i = 0; i < RECORDS; i++) {
                pointers.add(log.append(key(i), value(i, i * 10)));
            }
            tail = log.tail();
        }
        right = storage.bytes(FileName.of(1));
    }

    /** Returns how many records cannot be read. */
    private int readAll(VLog log) throws IOException {
        int errors = 0;
        for (int i = 0; i < RECORDS; i++) {
            try {
                assertThat(log.read(pointers.get(i), key(i))).isEqualTo(value(i, i * 10));
            } catch (CorruptRecordException e) {
                assertThat(e)
                        .hasMessageContaining(FileName.of(1))
                        .hasMessageContaining("offset " + pointers.get(i).offset());
                errors++;
            }
        }
        return errors;
    }

    @Test
    void everyBitFlippedInARecordIsFoundInThatRecordAndNowhereElse() throws IOException {
        for (long bit = FileHeader.BYTES * 8L; bit < right.length * 8L; bit++) {
            storage.flipBit(FileName.of(1), bit);
            try (VLog log = TestLog.open(storage, TestLog.OPTIONS, tail)) {
                assertThat(readAll(log)).as("bit %d", bit).isEqualTo(1);
            }
            storage.put(FileName.of(1), right);
        }
    }

    @Test
    void everyBitFlippedInTheHeaderIsFoundOrDoesNoHarm() throws IOException {
        int harmless = 0;
        for (long bit = 0; bit < FileHeader.BYTES * 8L; bit++) {
            storage.flipBit(FileName.of(1), bit);
            try (VLog log = TestLog.open(storage, TestLog.OPTIONS, tail)) {
                assertThat(readAll(log)).isZero();
                harmless++;
            } catch (VLogDamagedException e) {
                assertThat(e).hasMessageContaining(FileName.of(1)).hasMessageContaining("offset");
            }
            storage.put(FileName.of(1), right);
        }
        assertThat(harmless).as("created at and max file size, 8 bytes each").isEqualTo(16 * 8);
    }

    @Test
    void everyLengthCutIsFoundAtOpeningOrWhenReading() throws IOException {
        for (int length = 0; length < right.length; length++) {
            storage.put(FileName.of(1), Arrays.copyOf(right, length));
            try (VLog log = TestLog.open(storage, TestLog.OPTIONS, tail)) {
                throw new AssertionError("opened with " + length + " bytes: " + log);
            } catch (VLogDamagedException e) {
                assertThat(e).hasMessageContaining("found " + length + " bytes");
            }
            try (VLog log = TestLog.open(storage, TestLog.OPTIONS, null)) {
                assertThat(log.tail().longLived().length()).isLessThanOrEqualTo(length);
                int errors = length < FileHeader.BYTES ? RECORDS : readAll(log);
                assertThat(errors).isEqualTo(RECORDS - wholeRecordsIn(length));
            }
        }
    }

    private int wholeRecordsIn(long length) {
        return (int) pointers.stream()
                .filter(pointer -> pointer.offset() + pointer.recordBytes() <= length)
                .count();
    }

    @Test
    void aFileCutWhileItIsOpenIsFoundWhenReading() throws IOException {
        for (int length = FileHeader.BYTES; length < right.length; length++) {
            storage.put(FileName.of(1), right);
            try (VLog log = TestLog.open(storage, TestLog.OPTIONS, tail)) {
                storage.cut(FileName.of(1), length);
                assertThat(readAll(log)).isPositive();
            }
        }
    }

    @Test
    void everyBitFlippedInAPointerIsFound() throws IOException {
        try (VLog log = TestLog.open(storage, TestLog.OPTIONS, tail)) {
            byte[] bytes = pointers.get(3).encode();
            for (int bit = 0; bit < bytes.length * 8; bit++) {
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
                try {
                    log.read(ValuePointer.decode(bytes), key(3));
                    throw new AssertionError("bit " + bit + " was not noticed");
                } catch (MalformedLocationException | CorruptRecordException | FileGoneException e) {
                    assertThat(e.getMessage()).containsAnyOf("expected ", "does not exist");
                } catch (IOException e) {
                    throw new AssertionError("bit " + bit, e);
                }
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
    }
}
