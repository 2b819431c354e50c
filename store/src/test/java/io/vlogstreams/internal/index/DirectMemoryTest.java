/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DirectMemoryTest {

    private final DirectMemory memory = new DirectMemory(1024);

    @Test
    void whatIsTakenIsEmptyAndOutsideOfTheHeap() {
        ByteBuffer taken = memory.take(384);
        assertThat(taken.isDirect()).isTrue();
        assertThat(taken.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        assertThat(taken.alignmentOffset(0, 64)).isZero();
        assertThat(taken.remaining()).isEqualTo(384);
        assertThat(taken.mismatch(ByteBuffer.allocate(384))).isEqualTo(-1);
    }

    @Test
    void noMoreThanTheLimitIsTakenAtATime() {
        assertThat(memory.take(640)).isNotNull();
        assertThat(memory.take(448)).isNull();
        assertThat(memory.take(384)).isNotNull();
        memory.giveBack(640);
        assertThat(memory.taken()).isEqualTo(384);
        assertThat(memory.take(704)).isNull();
        assertThat(memory.take(640)).isNotNull();
    }

    @Test
    void theSecondHalfIsLeftToThoseThatHaveLittle() {
        assertThat(memory.takeSpare(384)).isNotNull();
        assertThat(memory.takeSpare(192)).isNull();
        assertThat(memory.takeSpare(128)).isNotNull();
        assertThat(memory.take(64)).isNotNull();
        assertThat(memory.takeSpare(64)).isNull();
        assertThat(memory.take(448)).isNotNull();
        assertThat(memory.taken()).isEqualTo(1024);
    }

    /** A failing allocation makes the JVM collect garbage, and takes half a second. */
    @Test
    void theJvmIsNotAskedAgainBeforeSomethingWasGivenBack() {
        AtomicInteger asked = new AtomicInteger();
        DirectMemory scarce = new DirectMemory(1024, bytes -> {
            if (asked.incrementAndGet() == 2) {
                throw new OutOfMemoryError("others have it");
            }
            return ByteBuffer.allocateDirect(bytes);
        });
        assertThat(scarce.take(64)).isNotNull();
        assertThat(scarce.take(64)).isNull();
        assertThat(scarce.take(64)).isNull();
        assertThat(asked).hasValue(2);
        assertThat(scarce.taken()).isEqualTo(64);
        scarce.giveBack(64);
        assertThat(scarce.take(64)).isNotNull();
        assertThat(asked).hasValue(3);
    }
}
