/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WriteTest {

    @Test
    void ofEachKeyTheLastWriteIsLeftInKeyOrder() {
        Write lastB = new Write(bytes("b"), null);
        Write lastA = new Write(bytes("a"), bytes("4"));
        Write onlyC = new Write(bytes("c"), bytes("1"));
        List<Write> writes = List.of(
                new Write(bytes("b"), bytes("1")),
                new Write(bytes("a"), bytes("2")),
                onlyC,
                new Write(bytes("a"), bytes("3")),
                lastB,
                lastA);
        assertThat(Write.lastOfEachKey(writes)).containsExactly(lastA, lastB, onlyC);
        assertThat(Write.lastOfEachKey(List.of())).isEmpty();
    }
}
