/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KeyOrderTest {

    private static final Random RANDOM = new Random(42);

    static Stream<Arguments> keys() {
        return Stream.of(
                keys("none", 0, i -> new byte[0]),
                keys("one", 1, KeyOrderTest::random),
                keys("a few", 20, KeyOrderTest::random),
                keys("as many as are just sorted as numbers", 32, KeyOrderTest::random),
                keys("random ones of all lengths", 5000, KeyOrderTest::random),
                keys("short ones, many of them several times", 5000, i -> Arrays.copyOf(random(i), i % 3)),
                keys("negative bytes", 1000, i -> new byte[] {(byte) i, (byte) (i >> 8)}),
                keys("one prefix of another", 600, i -> new byte[i]),
                keys("a long common beginning", 1 << 14, i -> text("customer-%012d".formatted(i))),
                keys("alike but for their ends", 3000, i -> text("%d-the same in all of them-%d".formatted(i % 2, i))),
                keys("all the same", 100, i -> text("same")),
                keys("zeros behind the end", 300, i -> Arrays.copyOf(text("k" + i % 10), 2 + i / 10)),
                keys(
                        "numbers",
                        1 << 16,
                        i -> ByteBuffer.allocate(8).putLong((long) i * i - i).array()));
    }

    private static Arguments keys(String name, int count, IntFunction<byte[]> key) {
        byte[][] keys = IntStream.range(0, count).mapToObj(key).toArray(byte[][]::new);
        Collections.shuffle(Arrays.asList(keys), RANDOM);
        return Arguments.of(name, keys);
    }

    private static byte[] random(int i) {
        byte[] key = new byte[RANDOM.nextInt(12)];
        RANDOM.nextBytes(key);
        return key;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("keys")
    void theOrderIsThatOfTheBytes(String name, byte[][] keys) {
        byte[][] expected = keys.clone();
        Arrays.sort(expected, Arrays::compareUnsigned);
        KeyOrder.sort(keys, UnaryOperator.identity());
        assertThat(keys).isDeepEqualTo(expected);
    }

    @Test
    void whatIsSortedGoesWithItsKey() {
        record Named(String name) {}
        Named[] items = IntStream.range(0, 1000)
                .mapToObj(i -> new Named("n" + (i * 7919) % 1000))
                .toArray(Named[]::new);
        KeyOrder.sort(items, item -> text(item.name()));
        assertThat(items).isSortedAccordingTo((a, b) -> a.name().compareTo(b.name()));
    }
}
