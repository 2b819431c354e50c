/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When and how many bytes are read ahead; NeighboursWalkTest tests their use by a log. */
class NeighboursTest {

    private static final int VALUE_BYTES = 1000;
    private static final int RECORD_BYTES = (int) RecordLayout.recordBytes(0, VALUE_BYTES);
    private static final String NAME = FileName.of(1);

    private final FaultyStorage storage = new FaultyStorage();
    private final Neighbours ahead = new Neighbours();
    private final List<Integer> readsInBytes = new ArrayList<>();
    private final byte[] bytes = TestLog.value(1, 1 << 20);
    private long readable = bytes.length;
    private StorageFile file;

    @BeforeEach
    void open() throws IOException {
        storage.put(NAME, bytes);
        StorageFile opened = storage.open(NAME);
        file = new CountedFile(opened, readsInBytes);
    }

    @Test
    void recordsThatFollowEachOtherAreReadTogether() {
        for (int i = 0; i < 200; i++) {
            assertThat(ask(31 + i * RECORD_BYTES)).as("record %d", i).isEqualTo(i > 0);
        }
        assertThat(readsInBytes).startsWith(8192, 16384, 32768, 65536, 65536).hasSize(6);
    }

    @Test
    void theWayBackIsReadTogetherToo() {
        for (int i = 199; i >= 0; i--) {
            assertThat(ask(31 + i * RECORD_BYTES)).as("record %d", i).isEqualTo(i < 199);
        }
        assertThat(readsInBytes).startsWith(8192, 16384, 32768, 65536, 65536).hasSize(6);
    }

    @Test
    void recordsThatStandAnywhereAreNot() {
        for (int i = 0; i < 100; i++) {
            assertThat(ask(31 + i * 37 % 100 * 10_000)).isFalse();
        }
        assertThat(readsInBytes).isEmpty();
    }

    @Test
    void theSamePlaceInAnotherFileIsNoNeighbour() {
        assertThat(ask(1, 31, VALUE_BYTES)).isFalse();
        assertThat(ask(2, 31 + RECORD_BYTES, VALUE_BYTES)).isFalse();
        assertThat(ask(1, 31 + 2 * RECORD_BYTES, VALUE_BYTES)).isFalse();
        assertThat(readsInBytes).isEmpty();
    }

    @Test
    void neighboursMayHaveAGapBetweenThem() {
        int next = 31 + RECORD_BYTES + Neighbours.MAX_GAP_BYTES;
        ask(31);
        assertThat(ask(next)).isTrue();
        Neighbours another = new Neighbours();
        assertThat(ask(another, 1, 31, VALUE_BYTES)).isFalse();
        assertThat(ask(another, 1, next + 1, VALUE_BYTES)).isFalse();
    }

    @Test
    void whatIsReadAheadIsKeptWhileTheWalkIsElsewhere() {
        ask(31);
        ask(31 + RECORD_BYTES);
        assertThat(ask(500_000)).isFalse();
        assertThat(ask(31 + 2 * RECORD_BYTES)).isTrue();
        assertThat(readsInBytes).containsExactly(Neighbours.FIRST_BYTES);
    }

    @Test
    void whoAsksForLittleOfItGetsLittle() {
        for (int i = 0; i < 100; i++) {
            ask(31 + i * RECORD_BYTES);
        }
        readsInBytes.clear();
        for (int i = 0; i < 100; i++) {
            ask(200_000 + i * (RECORD_BYTES + 4000));
        }
        assertThat(readsInBytes.remove(0)).isEqualTo(Neighbours.MAX_BYTES);
        assertThat(readsInBytes).hasSizeGreaterThan(10).containsOnly(Neighbours.FIRST_BYTES);
    }

    @Test
    void largeRecordsAreReadByThemselves() {
        int largest = Neighbours.MAX_RECORD_BYTES - RecordLayout.OVERHEAD_BYTES;
        ask(1, 31, largest);
        assertThat(ask(1, 31 + Neighbours.MAX_RECORD_BYTES, largest)).isTrue();
        assertThat(readsInBytes).containsExactly(4 * Neighbours.MAX_RECORD_BYTES);
        assertThat(ask(1, 500_000, largest + 1)).isFalse();
        assertThat(ask(1, 500_000 + Neighbours.MAX_RECORD_BYTES + 1, largest + 1))
                .isFalse();
        assertThat(readsInBytes).hasSize(1);
    }

    @Test
    void nothingIsReadBehindTheEndOfTheRecords() {
        readable = 31 + 3L * RECORD_BYTES;
        ask(31);
        assertThat(ask(31 + RECORD_BYTES)).isTrue();
        assertThat(ask(31 + 2 * RECORD_BYTES)).isTrue();
        assertThat(readsInBytes).containsExactly(2 * RECORD_BYTES);
    }

    @Test
    void aFileThatIsShorterThanItShouldBeGivesWhatItHas() throws IOException {
        storage.cut(NAME, 31 + 3 * RECORD_BYTES);
        file = storage.open(NAME);
        ask(31);
        assertThat(ask(31 + RECORD_BYTES)).isTrue();
        assertThat(ask(31 + 2 * RECORD_BYTES)).isTrue();
        assertThat(ask(31 + 3 * RECORD_BYTES)).isFalse();
    }

    /**
     * Neighbours are not part of the record: if they are unreadable, only their own reads report that.
     */
    @Test
    void aReadThatFailsIsForgotten() {
        ask(31);
        storage.failAlways(FaultyStorage.Operation.READ);
        assertThat(ask(31 + RECORD_BYTES)).isFalse();
        storage.heal();
        assertThat(ask(31 + 2 * RECORD_BYTES)).isTrue();
    }

    private boolean ask(int offset) {
        return ask(1, offset, VALUE_BYTES);
    }

    private boolean ask(long fileId, int offset, int valueBytes) {
        return ask(ahead, fileId, offset, valueBytes);
    }

    /** Returns whether the record was read with others; then its bytes must be correct. */
    private boolean ask(Neighbours by, long fileId, int offset, int valueBytes) {
        ValuePointer pointer = new ValuePointer(fileId, offset, 0, valueBytes, 0);
        ByteBuffer found = by.find(pointer);
        if (found == null) {
            by.read(file, pointer, readable, ByteBuffer.allocate(Neighbours.MAX_BYTES));
            found = by.find(pointer);
        }
        if (found == null) {
            return false;
        }
        byte[] right = Arrays.copyOfRange(bytes, offset, offset + (int) pointer.recordBytes());
        assertThat(found).isEqualTo(ByteBuffer.wrap(right));
        return true;
    }

    /** A file that records the sizes of its reads. */
    private record CountedFile(StorageFile file, List<Integer> reads) implements StorageFile {

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            reads.add(target.remaining());
            return file.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            file.write(source, position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
