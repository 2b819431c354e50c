/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyRangeTest {

    @Test
    void aClosedRangeEndsRightAboveItsLastKey() {
        KeyRange range = KeyRange.closed(bytes(1), bytes(5, 9));
        assertThat(range.from()).containsExactly(1);
        assertThat(range.toExclusive()).containsExactly(5, 9, 0);
    }

    @Test
    void aClosedRangeUpToTheEmptyKeyHoldsOnlyTheEmptyKey() {
        assertThat(KeyRange.closed(null, bytes()).toExclusive()).containsExactly(0);
    }

    @Test
    void aNullBoundIsOpen() {
        KeyRange range = KeyRange.closed(null, null);
        assertThat(range.from()).isNull();
        assertThat(range.toExclusive()).isNull();
    }

    @Test
    void aPrefixEndsAtItsSuccessor() {
        KeyRange range = KeyRange.prefix(bytes(1, 2));
        assertThat(range.from()).containsExactly(1, 2);
        assertThat(range.toExclusive()).containsExactly(1, 3);
    }

    @Test
    void aPrefixThatEndsWithFfCarries() {
        assertThat(KeyRange.prefix(bytes(1, 0xFF, 0xFF)).toExclusive()).containsExactly(2);
    }

    @Test
    void aPrefixOfNothingButFfIsOpenAbove() {
        KeyRange range = KeyRange.prefix(bytes(0xFF, 0xFF));
        assertThat(range.from()).isEqualTo(bytes(0xFF, 0xFF));
        assertThat(range.toExclusive()).isNull();
    }

    @Test
    void anEmptyPrefixIsEveryKey() {
        KeyRange range = KeyRange.prefix(bytes());
        assertThat(range.from()).isEmpty();
        assertThat(range.toExclusive()).isNull();
    }

    @Test
    void thePrefixIsNotChanged() {
        byte[] prefix = bytes(7, 0xFF);
        KeyRange.prefix(prefix);
        assertThat(prefix).isEqualTo(bytes(7, 0xFF));
    }

    @Test
    void aKeyIsInThePrefixRangeExactlyIfItStartsWithThePrefix() {
        long seed = 20_26;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] prefix = extremeBytes(random);
            byte[] key = extremeBytes(random);
            boolean starts =
                    key.length >= prefix.length && Arrays.equals(prefix, 0, prefix.length, key, 0, prefix.length);
            assertThat(contains(KeyRange.prefix(prefix), key))
                    .as("seed %s: key %s, prefix %s", seed, Arrays.toString(key), Arrays.toString(prefix))
                    .isEqualTo(starts);
        }
    }

    private static boolean contains(KeyRange range, byte[] key) {
        return Arrays.compareUnsigned(key, range.from()) >= 0
                && (range.toExclusive() == null || Arrays.compareUnsigned(key, range.toExclusive()) < 0);
    }

    /** Returns short keys, mostly with extreme byte values. */
    private static byte[] extremeBytes(Random random) {
        byte[] bytes = new byte[random.nextInt(4)];
        byte[] extremes = bytes(0, 1, 0x7F, 0x80, 0xFE, 0xFF);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = extremes[random.nextInt(extremes.length)];
        }
        return bytes;
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
