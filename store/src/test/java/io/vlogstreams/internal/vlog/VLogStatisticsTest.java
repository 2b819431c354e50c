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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VLogStatisticsTest {

    private final FaultyStorage storage = new FaultyStorage();
    private VLog log;
    private ValuePointer first;
    private ValuePointer second;

    /** Two records, each in a file of its own; the first is sealed. */
    @BeforeEach
    void fill() throws IOException {
        log = open(storage);
        first = log.append(key(1), value(1, 80));
        second = log.append(key(2), value(2, 80));
        assertThat(first.fileId()).isNotEqualTo(second.fileId());
    }

    private static VLog open(FaultyStorage storage) throws IOException {
        return TestLog.open(storage, new VLogOptions(100, 0, 8, 1000, ChecksumLevel.FULL), (VLogTail) null);
    }

    private void damageFirst(long offsetInRecord) throws IOException {
        log.close();
        storage.flipBit(FileName.of(first.fileId()), (first.offset() + offsetInRecord) * 8);
        log = open(storage);
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void appendedRecordsCountWithTheirWholeSize() {
        assertThat(log.statistics().appendedBytes()).isEqualTo(first.recordBytes() + second.recordBytes());
    }

    @Test
    void everyReadCountsAndSoDoesWhatTheCacheHad() throws IOException {
        log.read(first, key(1));
        log.read(first, key(1));
        log.read(second, key(2));
        assertThat(log.statistics().reads()).isEqualTo(3);
        assertThat(log.statistics().cacheHits()).isEqualTo(1);
        assertThat(log.statistics().checksumFailures()).isZero();
    }

    @Test
    void aFileThatIsGoneIsNoRead() throws IOException {
        log.delete(first.fileId());
        assertThatThrownBy(() -> log.read(first, key(1))).isInstanceOf(FileGoneException.class);
        assertThat(log.statistics().reads()).isZero();
    }

    @Test
    void aDamagedRecordCountsWheneverItIsRead() throws IOException {
        damageFirst(50);
        assertThatThrownBy(() -> log.read(first, key(1))).isInstanceOf(CorruptRecordException.class);
        try (RecordCursor records = log.openCursor(first.fileId())) {
            assertThatThrownBy(() -> log.relocate(records, first, key(1))).isInstanceOf(CorruptRecordException.class);
        }
        assertThat(log.statistics().checksumFailures()).isEqualTo(2);
    }

    @Test
    void aWalkThatMeetsNoRecordCounts() throws IOException {
        damageFirst(0);
        try (RecordCursor cursor = log.openCursor(first.fileId())) {
            assertThatThrownBy(cursor::advance).isInstanceOf(CorruptRecordException.class);
        }
        assertThat(log.statistics().checksumFailures()).isEqualTo(1);
    }

    @Test
    void countingBeginsAnewWhenTheLogIsOpened() throws IOException {
        log.read(first, key(1));
        log.close();
        log = open(storage);
        assertThat(log.statistics()).isEqualTo(VLogStatistics.NONE);
    }
}
