/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.key;
import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scans of a log with read-ahead: whatever happens meanwhile, values are correct. */
class NeighboursWalkTest {

    private static final int FILE_BYTES = 20_000;

    private final FaultyStorage storage = new FaultyStorage();
    private final List<ValuePointer> pointers = new ArrayList<>();
    private final AtomicInteger reads = new AtomicInteger();

    private void append(VLog log, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            int number = pointers.size();
            pointers.add(log.append(key(number), value(number, length(number))));
        }
    }

    private static int length(int number) {
        return number * 31 % 400;
    }

    private void check(VLog log, int number, Neighbours ahead) throws IOException {
        assertThat(log.read(pointers.get(number), key(number), ahead))
                .as("value %d", number)
                .isEqualTo(value(number, length(number)));
    }

    private void countReads() {
        storage.beforeCall((operation, name) -> {
            if (operation == FaultyStorage.Operation.READ) {
                reads.incrementAndGet();
            }
        });
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void aWalkInEitherDirectionReadsManyRecordsAtOnce(CompressionType compression) throws IOException {
        VLogOptions options = new VLogOptions(FILE_BYTES, 4096, 8, 0, ChecksumLevel.FULL, compression, 3, 16);
        try (VLog log = TestLog.open(storage, options, null)) {
            append(log, 1000);
            log.drain();
            countReads();
            Neighbours upwards = new Neighbours();
            for (int i = 0; i < pointers.size(); i++) {
                check(log, i, upwards);
            }
            assertThat(reads).as("reads upwards").hasValueLessThan(250);
            reads.set(0);
            Neighbours downwards = new Neighbours();
            for (int i = pointers.size() - 1; i >= 0; i--) {
                check(log, i, downwards);
            }
            assertThat(reads).as("reads downwards").hasValueLessThan(250);
        }
    }

    @Test
    void recordsInNoOrderAreReadOneByOne() throws IOException {
        try (VLog log = TestLog.open(storage, TestLog.options(FILE_BYTES, 4096), null)) {
            append(log, 1000);
            log.drain();
            countReads();
            Neighbours ahead = new Neighbours();
            for (int i = 0; i < pointers.size() - 100; i++) {
                check(log, i * 307 % (pointers.size() - 100), ahead);
            }
            assertThat(reads).hasValue(pointers.size() - 100);
        }
    }

    /** Bytes that are not in the file yet, or may be rewritten after a failure, must not be reused later. */
    @Test
    void nothingIsReadAheadOfAFileThatIsBeingWritten() throws IOException {
        try (VLog log = TestLog.open(storage, TestLog.options(1 << 20, 4096), null)) {
            append(log, 50);
            log.drain();
            countReads();
            Neighbours ahead = new Neighbours();
            for (int i = 0; i < 50; i++) {
                check(log, i, ahead);
                append(log, 1);
            }
            assertThat(reads).hasValue(50);
            for (int i = 50; i < 100; i++) {
                check(log, i, ahead);
            }
        }
    }

    @Test
    void aDamagedRecordIsNamedAndItsNeighboursAreRight() throws IOException {
        VLogOptions options = TestLog.options(FILE_BYTES, 4096);
        VLogTail tail;
        try (VLog log = TestLog.open(storage, options, null)) {
            append(log, 300);
            tail = log.drain();
        }
        ValuePointer damaged = pointers.get(20);
        storage.flipBit(FileName.of(damaged.fileId()), (damaged.offset() + damaged.recordBytes() - 6) * 8);
        try (VLog log = TestLog.open(storage, options, tail)) {
            Neighbours ahead = new Neighbours();
            for (int i = 0; i < 40; i++) {
                if (i == 20) {
                    assertThatThrownBy(() -> check(log, 20, ahead))
                            .isInstanceOf(CorruptRecordException.class)
                            .hasMessageContaining("offset " + damaged.offset())
                            .hasMessageContaining("checksum");
                } else {
                    check(log, i, ahead);
                }
            }
            assertThat(log.statistics().checksumFailures()).isEqualTo(1);
        }
    }

    /** A scan continues, jumps, or turns back; meanwhile the log grows, and is drained, sealed and closed. */
    @Test
    void whateverWayAWalkTakesItReadsWhatWasAppended() throws IOException {
        for (long seed = 1; seed <= 20; seed++) {
            NeighboursWalkTest each = new NeighboursWalkTest();
            each.walk(new Random(seed), seed);
        }
    }

    private void walk(Random random, long seed) throws IOException {
        VLogOptions options = TestLog.options(FILE_BYTES, 1 + random.nextInt(8192));
        VLogTail tail = null;
        for (int life = 0; life < 3; life++) {
            try (VLog log = TestLog.open(storage, options, tail)) {
                append(log, 100);
                Neighbours ahead = new Neighbours();
                int at = 0;
                for (int i = 0; i < 1500; i++) {
                    switch (random.nextInt(40)) {
                        case 0 -> at = random.nextInt(pointers.size());
                        case 1 -> append(log, random.nextInt(60));
                        case 2 -> log.drain();
                        default -> at = Math.floorMod(at + (seed % 2 == 0 ? 1 : -1), pointers.size());
                    }
                    check(log, at, ahead);
                }
                log.drain();
                tail = log.tail();
            }
        }
    }
}
