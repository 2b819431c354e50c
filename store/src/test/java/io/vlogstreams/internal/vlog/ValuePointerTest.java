/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuePointerTest {

    private static final ValuePointer HIGHEST =
            new ValuePointer(0xFFFF_FFFFL, Long.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, -1);

    @Test
    void everyFieldCanBeZero() {
        ValuePointer lowest = new ValuePointer(0, 0, 0, 0, 0);
        assertThat(ValuePointer.decode(lowest.encode())).isEqualTo(lowest);
    }

    @Test
    void everyFieldCanBeAtItsMaximum() {
        assertThat(ValuePointer.decode(HIGHEST.encode())).isEqualTo(HIGHEST);
    }

    @Test
    void itHas25Bytes() {
        assertThat(HIGHEST.encode()).hasSize(25);
    }

    @Test
    void theSizeOfTheLargestRecordDoesNotOverflow() {
        assertThat(HIGHEST.recordBytes()).isEqualTo(12 + 2L * Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 24, 26, 1000})
    void anyOtherLengthIsAClearError(int length) {
        byte[] bytes = Arrays.copyOf(HIGHEST.encode(), length);
        assertThatThrownBy(() -> ValuePointer.decode(bytes))
                .isInstanceOf(MalformedLocationException.class)
                .hasMessageContaining("expected 25 bytes, found " + length + " bytes");
    }

    @Test
    void anotherVersionIsAClearError() {
        byte[] bytes = HIGHEST.encode();
        bytes[0] = (byte) 200;
        assertThatThrownBy(() -> ValuePointer.decode(bytes))
                .isInstanceOf(MalformedLocationException.class)
                .hasMessageContaining("expected version 1, found version 200");
    }

    @Test
    void aNumberTooLargeForJavaIsAClearError() {
        assertTooLarge(5, "offset", "18446744073709551615");
        assertTooLarge(13, "key length", "4294967295");
        assertTooLarge(17, "value length", "4294967295");
    }

    private static void assertTooLarge(int highestByte, String field, String found) {
        byte[] bytes = HIGHEST.encode();
        bytes[highestByte] = (byte) 0xFF;
        assertThatThrownBy(() -> ValuePointer.decode(bytes))
                .isInstanceOf(MalformedLocationException.class)
                .hasMessageContaining(field)
                .hasMessageContaining(found);
    }

    @Test
    void randomBytesAreAPointerOrAClearError() {
        Random random = new Random(1);
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = new byte[random.nextInt(4) == 0 ? random.nextInt(60) : ValuePointer.BYTES];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[0] = 1;
            }
            try {
                assertThat(ValuePointer.decode(bytes).encode()).isEqualTo(bytes);
            } catch (MalformedLocationException e) {
                assertThat(e).hasMessageContaining("value pointer");
            }
        }
    }

    @Test
    void noPointerCanBeMadeOfNumbersThatDoNotFit() {
        assertThatThrownBy(() -> new ValuePointer(0x1_0000_0000L, 0, 0, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4294967296");
        assertThatThrownBy(() -> new ValuePointer(1, -1, 0, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ValuePointer(1, 0, -1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ValuePointer(1, 0, 0, -1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void itPrintsItself() {
        assertThat(new ValuePointer(7, 8192, 488, 1000, 5)).hasToString("file 7 @8192 +1500");
    }
}
