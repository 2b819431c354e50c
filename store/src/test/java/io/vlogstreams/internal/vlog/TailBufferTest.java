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
