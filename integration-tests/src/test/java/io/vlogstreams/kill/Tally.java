/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.nio.ByteBuffer;
import java.util.Random;

/**
 * The values of the tests. An input value is a number and a filling that derives from it. An aggregate counts the
 * inputs of its key, adds up their numbers, and carries the newest input. It reveals an input that is lost or counted
 * twice.
 *
 * <table>
 * <caption>Layout</caption>
 * <tr><th>input</th><td>8 bytes number, filling</td></tr>
 * <tr><th>aggregate</th><td>8 bytes count, 8 bytes sum, the newest input</td></tr>
 * </table>
 */
final class Tally {

    static final int INPUT_BYTES_MIN = 1 << 10;
    static final int INPUT_BYTES_MAX = 1 << 20;

    private static final int HEADER_BYTES = 2 * Long.BYTES;

    private Tally() {}

    /** Returns the input of that number: 1 KiB to 1 MiB, half of them below 6 KiB, a tenth above 260 KiB. */
    static byte[] input(long number) {
        Random random = new Random(number);
        double exponent = Math.pow(random.nextDouble(), 2);
        byte[] input = new byte[(int) (INPUT_BYTES_MIN * Math.pow(INPUT_BYTES_MAX / INPUT_BYTES_MIN, exponent))];
        random.nextBytes(input);
        ByteBuffer.wrap(input).putLong(number);
        return input;
    }

    static long number(byte[] input) {
        return ByteBuffer.wrap(input).getLong();
    }

    /** Returns the aggregate after one more input; null is the empty aggregate. */
    static byte[] add(byte[] aggregate, byte[] input) {
        ByteBuffer next = ByteBuffer.allocate(HEADER_BYTES + input.length);
        ByteBuffer before = ByteBuffer.wrap(aggregate == null ? new byte[HEADER_BYTES] : aggregate);
        next.putLong(before.getLong() + 1).putLong(before.getLong() + number(input));
        return next.put(input).array();
    }

    static long count(byte[] aggregate) {
        return ByteBuffer.wrap(aggregate).getLong();
    }

    /** Returns whether an input deletes its key in {@link NumbersTopology#DELETING} instead of being added. */
    static boolean deletes(byte[] input) {
        return number(input) % 5 == 0;
    }
}
