/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.cleanup.DeadRecords.InFile;
import io.vlogstreams.internal.cleanup.DeadRecords.Units;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DeadRecordsTest {

    /** The size of a record without key and value. */
    private static final long SMALLEST_RECORD_BYTES = 12;

    private final DeadRecords dead = new DeadRecords(100);

    private static Units at(long... offsets) {
        Units units = new Units();
        LongStream.of(offsets).forEach(offset -> units.add(new ValuePointer(1, offset, 3, 50, 0)));
        return units;
    }

    @Test
    void nothingIsKnownOfAFileAtFirst() {
        assertThat(dead.in(1).contains(31)).isFalse();
    }

    @Test
    void whatWasAddedIsDeadInItsFileOnly() {
        dead.add(1, at(500, 31));
        dead.add(1, at(200));
        dead.add(2, at(300));
        InFile first = dead.in(1);
        assertThat(LongStream.of(31, 200, 300, 500).filter(first::contains)).containsExactly(31L, 200L, 500L);
        assertThat(dead.in(2).contains(300)).isTrue();
    }

    @Test
    void neighboursAreToldApartHoweverSmall() {
        for (long offset = 31; offset < 31 + 20 * SMALLEST_RECORD_BYTES; offset += 2 * SMALLEST_RECORD_BYTES) {
            dead.add(1, at(offset));
        }
        InFile file = dead.in(1);
        boolean expected = true;
        for (long offset = 31; offset < 31 + 20 * SMALLEST_RECORD_BYTES; offset += SMALLEST_RECORD_BYTES) {
            assertThat(file.contains(offset)).isEqualTo(expected);
            expected = !expected;
        }
    }

    @Test
    void whatWasAskedForBeforeStaysAsItWas() {
        dead.add(1, at(31));
        InFile before = dead.in(1);
        dead.add(1, at(200));
        assertThat(before.contains(200)).isFalse();
    }

    @Test
    void noMoreThanTheBoundIsRememberedAndAFileThatGoesMakesRoom() {
        dead.add(1, at(LongStream.range(0, 99).map(i -> i * 100).toArray()));
        dead.add(2, at(31, 200));
        assertThat(dead.in(2).contains(31)).isFalse();
        dead.forget(1);
        assertThat(dead.in(1).contains(100)).isFalse();
        dead.add(2, at(31, 200));
        assertThat(dead.in(2).contains(31)).isTrue();
    }

    @Test
    void aFileOfWhichNothingIsKnownCanBeForgotten() {
        dead.forget(7);
        dead.add(1, at(31));
        assertThat(dead.in(1).contains(31)).isTrue();
    }

    @Test
    void offsetsThatAreTooLargeAreForgottenAndNotMistakenForOthers() {
        long tooLarge = 8L << 31;
        dead.add(1, at(tooLarge + 800, tooLarge - 8));
        InFile file = dead.in(1);
        assertThat(file.contains(tooLarge + 800)).isFalse();
        assertThat(file.contains(800)).isFalse();
        assertThat(file.contains(tooLarge - 8)).isTrue();
    }
}
