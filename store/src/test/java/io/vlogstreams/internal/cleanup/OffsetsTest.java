/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class OffsetsTest {

    /** The size of a record without key and value. */
    private static final long SMALLEST_RECORD_BYTES = 12;

    private static final long BEHIND_16_GIB = 16L << 30;

    private static Offsets of(long... offsets) {
        Offsets all = new Offsets();
        LongStream.of(offsets).forEach(all::add);
        return all;
    }

    private static void assertContainsOnly(Offsets.Sorted offsets, long... expected) {
        assertThat(LongStream.of(31, 200, 300, 500, BEHIND_16_GIB).filter(offsets::contains))
                .containsExactly(LongStream.of(expected).boxed().toArray(Long[]::new));
    }

    @Test
    void whatWasAddedInAnyOrderIsFound() {
        assertContainsOnly(of().sorted());
        assertContainsOnly(of(500, 31, 200).sorted(), 31, 200, 500);
    }

    @Test
    void othersAreAddedToWhatIsThere() {
        Offsets all = of(500);
        all.addAll(of());
        all.addAll(of(31, 200));
        assertContainsOnly(all.sorted(), 31, 200, 500);
        assertThat(all.toArray()).hasSize(3);
    }

    @Test
    void neighboursAreToldApartHoweverSmall() {
        Offsets all = new Offsets();
        for (long offset = 31; offset < 31 + 40 * SMALLEST_RECORD_BYTES; offset += 2 * SMALLEST_RECORD_BYTES) {
            all.add(offset);
        }
        Offsets.Sorted sorted = all.sorted();
        boolean expected = true;
        for (long offset = 31; offset < 31 + 40 * SMALLEST_RECORD_BYTES; offset += SMALLEST_RECORD_BYTES) {
            assertThat(sorted.contains(offset)).isEqualTo(expected);
            expected = !expected;
        }
    }

    @Test
    void whatWasSortedBeforeStaysAsItWas() {
        Offsets all = of(31);
        Offsets.Sorted before = all.sorted();
        all.add(200);
        assertContainsOnly(before, 31);
    }

    @Test
    void thoseBeforeAnOffsetAreForgottenAndItIsNot() {
        Offsets all = of(500, 31, 200, 300, BEHIND_16_GIB);
        all.dropBefore(200);
        assertContainsOnly(all.sorted(), 200, 300, 500, BEHIND_16_GIB);
        all.add(31);
        assertContainsOnly(all.sorted(), 31, 200, 300, 500, BEHIND_16_GIB);
        all.dropBefore(BEHIND_16_GIB);
        assertContainsOnly(all.sorted(), BEHIND_16_GIB);
    }

    @Test
    void theyAreGivenAsTheyWereAdded() {
        assertThat(of().isEmpty()).isTrue();
        assertThat(of(31, 200, BEHIND_16_GIB).isEmpty()).isFalse();
        assertThat(of(31, 200, BEHIND_16_GIB).toArray()).containsExactly(31, 200, BEHIND_16_GIB);
    }
}
