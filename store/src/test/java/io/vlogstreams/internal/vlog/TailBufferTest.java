/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.key;
import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class TailBufferTest {

    private final TailBuffer buffer = new TailBuffer(1000);

    private boolean canRead(long file, long position, int count) {
        ByteBuffer target = ByteBuffer.allocate(count);
        boolean read = buffer.read(file, position, target);
        assertThat(target.position()).as("moves only when it was filled").isEqualTo(read ? count : 0);
        return read;
    }

    @Test
    void onlyWhatHasBeenAddedCanBeRead() {
        buffer.begin(7, 31);
        assertThat(canRead(7, 31, 1)).isFalse();
        buffer.add(key(1), value(1, 100), 0);
        assertThat(canRead(7, 31, 117)).isTrue();
        assertThat(canRead(7, 40, 10)).isTrue();
        assertThat(canRead(7, 31, 118)).isFalse();
        assertThat(canRead(7, 30, 1)).isFalse();
        assertThat(canRead(6, 31, 117)).isFalse();
        assertThat(canRead(7, Long.MAX_VALUE, 1)).isFalse();
    }

    @Test
    void itTakesMemoryAsItNeedsItAndKeepsWhatItHolds() {
        TailBuffer large = new TailBuffer(1 << 20);
        large.begin(7, 31);
        for (int i = 0; i < 100; i++) {
            large.add(key(i), value(i, 1000 + i), i);
            assertThat(large.bytes())
                    .isBetween(
                            large.pending().remaining(),
                            4096 + 2 * large.pending().remaining());
        }
        long position = 31;
        for (int i = 0; i < 100; i++) {
            ByteBuffer found = ByteBuffer.allocate(1000 + i);
            assertThat(large.read(7, position + RecordLayout.valueOffset(key(i).length), found))
                    .isTrue();
            assertThat(found.array()).isEqualTo(value(i, 1000 + i));
            position += RecordLayout.recordBytes(key(i).length, 1000 + i);
        }
    }

    @Test
    void itGivesItsMemoryUpWhenItHoldsNothing() {
        buffer.begin(7, 31);
        buffer.add(key(1), value(1, 100), 0);
        buffer.release();
        assertThat(canRead(7, 31, 117)).as("still held").isTrue();
        buffer.begin(7, 148);
        buffer.release();
        assertThat(buffer.bytes()).isZero();
        assertThat(canRead(7, 31, 117)).isFalse();
        assertThat(buffer.pending().hasRemaining()).isFalse();
        buffer.add(key(2), value(2, 100), 0);
        assertThat(canRead(7, 148, 117)).isTrue();
    }

    @Test
    void whatItHeldBeforeIsForgotten() {
        buffer.begin(7, 31);
        buffer.add(key(1), value(1, 100), 0);
        buffer.begin(7, 148);
        assertThat(canRead(7, 31, 117)).isFalse();
        assertThat(buffer.pending().hasRemaining()).isFalse();
        buffer.add(key(2), value(2, 100), 0);
        assertThat(canRead(7, 148, 117)).isTrue();
        assertThat(canRead(7, 31, 117)).isFalse();
    }

    @Test
    void thereIsRoomForExactlyItsCapacity() {
        buffer.begin(7, 31);
        assertThat(buffer.hasRoomFor(1000)).isTrue();
        assertThat(buffer.hasRoomFor(1001)).isFalse();
        assertThat(buffer.hasRoomFor(Long.MAX_VALUE)).isFalse();
        buffer.add(new byte[0], new byte[988], 0);
        assertThat(buffer.hasRoomFor(0)).isTrue();
        assertThat(buffer.hasRoomFor(1)).isFalse();
        assertThat(buffer.pending().remaining()).isEqualTo(1000);
    }
}
