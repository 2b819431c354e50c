/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StagedMemoryTest {

    @Test
    void aStoreSpillsWhatAllStoresTogetherMayNotStage() {
        StagedMemory one = new StagedMemory(Long.MAX_VALUE, 1 << 20);
        StagedMemory other = new StagedMemory(Long.MAX_VALUE, 1 << 20);
        assertThat(one.isExceeded(700_000)).isFalse();
        assertThat(other.isExceeded(700_000)).isTrue();
        other.released();
        assertThat(one.isExceeded(800_000)).isFalse();
        one.released();
    }

    @Test
    void aStoreSpillsWhatItMayNotStageItself() {
        StagedMemory memory = new StagedMemory(1000, Long.MAX_VALUE);
        assertThat(memory.isExceeded(1000)).isFalse();
        assertThat(memory.isExceeded(1001)).isTrue();
    }
}
