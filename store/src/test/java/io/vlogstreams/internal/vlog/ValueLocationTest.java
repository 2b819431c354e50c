/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValueLocationTest {

    private static final ValuePointer POINTER = new ValuePointer(7, 31, 6, 1, 99);

    @Test
    void anInlineValueIsKeptByteForByteBehindTwoBytes() {
        byte[] value = {5, 0, -1};
        assertThat(new Inline(0, value).encode()).containsExactly(0, 1, 5, 0, -1);
    }

    @Test
    void aSeparatedLocationHas27Bytes() {
        assertThat(new Separated(0, POINTER).encode()).hasSize(27).startsWith(1, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 25, 65_535, 1 << 20})
    void anInlineValueOfAnyLengthComesBackWithoutAVlog(int length) {
        ValueLocation location = new Inline(0, TestLog.value(1, length));
        assertThat(ValueLocation.decode(location.encode())).isEqualTo(location).hasSameHashCodeAs(location);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void theFormatTagIsInBitsOneAndTwo(int formatTag) {
        ValueLocation inline = new Inline(formatTag, new byte[] {9});
        ValueLocation separated = new Separated(formatTag, POINTER);
        assertThat(inline.encode()[0]).isEqualTo((byte) (formatTag << 1));
        assertThat(separated.encode()[0]).isEqualTo((byte) (formatTag << 1 | 1));
        assertThat(ValueLocation.decode(inline.encode())).isEqualTo(inline);
        assertThat(ValueLocation.decode(separated.encode())).isEqualTo(separated);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 4})
    void aFormatTagThatDoesNotFitIsRefused(int formatTag) {
        assertThatThrownBy(() -> new Inline(formatTag, new byte[0])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Separated(formatTag, POINTER)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7})
    void aMetaBitWithoutMeaningIsAClearError(int bit) {
        byte[] bytes = new Inline(0, new byte[3]).encode();
        bytes[0] |= (byte) (1 << bit);
        assertThatThrownBy(() -> ValueLocation.decode(bytes))
                .isInstanceOf(MalformedLocationException.class)
                .hasMessageContaining("meta byte " + (1 << bit));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 255})
    void anotherVersionIsAClearError(int version) {
        byte[] bytes = new Inline(0, new byte[3]).encode();
        bytes[1] = (byte) version;
        assertThatThrownBy(() -> ValueLocation.decode(bytes))
                .isInstanceOf(MalformedLocationException.class)
                .hasMessageContaining("expected version 1, found version " + version);
    }

    @Test
    void shortInputIsAClearError() {
        for (int length = 0; length < 2; length++) {
            byte[] bytes = new byte[length];
            assertThatThrownBy(() -> ValueLocation.decode(bytes)).isInstanceOf(MalformedLocationException.class);
        }
    }

    @Test
    void aPointerOfAnyOtherLengthIsAClearError() {
        byte[] right = new Separated(0, POINTER).encode();
        for (int length = 2; length < 60; length++) {
            if (length != right.length) {
                byte[] bytes = Arrays.copyOf(right, length);
                assertThatThrownBy(() -> ValueLocation.decode(bytes)).isInstanceOf(MalformedLocationException.class);
            }
        }
    }

    @Test
    void whatStandsBehindItInALargerArrayDoesNotMatter() {
        ValueLocation inline = new Inline(1, new byte[] {5, 6});
        ValueLocation separated = new Separated(1, POINTER);
        for (ValueLocation location : List.of(inline, separated)) {
            byte[] bytes = location.encode();
            byte[] larger = Arrays.copyOf(bytes, bytes.length + 40);
            Arrays.fill(larger, bytes.length, larger.length, (byte) 9);
            assertThat(ValueLocation.decode(larger, bytes.length)).isEqualTo(location);
        }
        byte[] cut = Arrays.copyOf(separated.encode(), 40);
        for (int length = 0; length < 27; length++) {
            int cutAt = length;
            assertThatThrownBy(() -> ValueLocation.decode(cut, cutAt)).isInstanceOf(MalformedLocationException.class);
        }
    }

    @Test
    void everyBitFlippedInALocationGivesAnotherLocationOrAClearError() {
        byte[] right = new Separated(0, POINTER).encode();
        for (int bit = 0; bit < right.length * 8; bit++) {
            byte[] bytes = right.clone();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            assertDecodesExactlyOrFails(bytes);
        }
    }

    @Test
    void randomBytesAreALocationOrAClearError() {
        Random random = new Random(2);
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 1 && random.nextBoolean()) {
                bytes[0] &= 7;
                bytes[1] = 1;
            }
            assertDecodesExactlyOrFails(bytes);
        }
    }

    private static void assertDecodesExactlyOrFails(byte[] bytes) {
        try {
            assertThat(ValueLocation.decode(bytes).encode()).isEqualTo(bytes);
        } catch (MalformedLocationException e) {
            assertThat(e).hasMessageContaining("Malformed").hasMessageContaining("expected");
        }
    }

    @Test
    void itPrintsItselfButNotTheValue() {
        assertThat(new Inline(0, new byte[] {65, 66})).hasToString("inline +2");
        assertThat(new Separated(0, POINTER)).hasToString("file 7 @31 +19");
    }
}
