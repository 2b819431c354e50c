/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FingerprintTest {

    private static long of(int formatTag, long offset, int keyBytes, int valueBytes, int crc) {
        return Fingerprint.of(new Separated(formatTag, new ValuePointer(7, offset, keyBytes, valueBytes, crc)));
    }

    @Test
    void everythingInTheFileCountsAndTheFileDoesNot() {
        long one = of(1, 31, 16, 1000, 5);
        Set<Long> others = new HashSet<>();
        others.add(of(0, 31, 16, 1000, 5));
        others.add(of(1, 32, 16, 1000, 5));
        others.add(of(1, 31, 15, 1001, 5));
        others.add(of(1, 31, 17, 1000, 5));
        others.add(of(1, 31, 16, 1001, 5));
        others.add(of(1, 31, 16, 1000, -5));
        assertThat(others).hasSize(6).doesNotContain(one);
        assertThat(Fingerprint.of(new Separated(1, new ValuePointer(8, 31, 16, 1000, 5))))
                .isEqualTo(one);
    }

    /** Similar records, as in a file, have different fingerprints. */
    @Test
    void neighboursHaveNothingInCommon() {
        Set<Long> seen = new HashSet<>();
        Set<Long> sumsOfTwo = new HashSet<>();
        long before = 0;
        for (int i = 0; i < 100_000; i++) {
            long now = of(0, 31 + 1052L * i, 16, 1024, i);
            seen.add(now);
            sumsOfTwo.add(before + now);
            before = now;
        }
        assertThat(seen).hasSize(100_000);
        assertThat(sumsOfTwo).hasSize(100_000);
    }
}
