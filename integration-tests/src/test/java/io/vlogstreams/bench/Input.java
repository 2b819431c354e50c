/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.distribution.ZipfDistribution;
import org.apache.commons.math3.random.JDKRandomGenerator;
import org.apache.kafka.common.utils.Bytes;

/**
 * Keys, values and their order, which derive from a seed and so are the same for every store.
 *
 * <p>A key is a number from 0, in 16 bytes: a hash shared by {@value #KEYS_PER_PREFIX} neighbours, then the number. A
 * value is a slice of a random block, so that creating one is only a copy. Its first 8 bytes have its key and version,
 * which reveals a wrong or stale value. Immutable and thread-safe.
 */
final class Input {

    static final int KEYS_PER_PREFIX = 16;
    static final int PREFIX_BYTES = Long.BYTES;
    static final int VALUE_BYTES_MIN = 16;
    static final int VALUE_BYTES_MAX = 16 << 20;

    /** Larger than the caches of the processor, and four times the largest value. */
    private static final int BLOCK_BYTES_MAX = 4 * VALUE_BYTES_MAX;

    private static final int CELL_BYTES = 64;
    private static final double ZIPF_EXPONENT = 0.99;
    private static final VarHandle TAG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] block;
    private final ValueSizes sizes;
    private final int keys;
    private final long seed;

    private Input(byte[] block, ValueSizes sizes, int keys, long seed) {
        this.block = block;
        this.sizes = sizes;
        this.keys = keys;
        this.seed = seed;
    }

    /**
     * Creates input.
     *
     * @param halfCompressible whether every other 32 bytes are zero
     */
    static Input of(ValueSizes sizes, int keys, boolean halfCompressible, long seed) {
        long enough = (long) Math.max(4.0 * sizes.maxBytes(), keys * sizes.meanBytes());
        byte[] block = new byte[(int) Math.min(enough, BLOCK_BYTES_MAX)];
        new SplittableRandom(seed).nextBytes(block);
        if (halfCompressible) {
            for (int cell = 0; cell + CELL_BYTES <= block.length; cell += CELL_BYTES) {
                Arrays.fill(block, cell, cell + CELL_BYTES / 2, (byte) 0);
            }
        }
        return new Input(block, sizes, keys, seed);
    }

    /** Returns input with other keys and sizes from the same block. */
    Input with(ValueSizes otherSizes, int otherKeys) {
        return new Input(block, otherSizes, otherKeys, seed);
    }

    int keys() {
        return keys;
    }

    Bytes key(int number) {
        return Bytes.wrap(ByteBuffer.allocate(2 * Long.BYTES)
                .put(prefix(number))
                .putLong(number)
                .array());
    }

    /** Returns the number in a key. */
    static int number(byte[] key) {
        return (int) ByteBuffer.wrap(key).getLong(PREFIX_BYTES);
    }

    /** Returns the prefix that the key shares with its neighbours. */
    byte[] prefix(int number) {
        return ByteBuffer.allocate(PREFIX_BYTES)
                .putLong(mix(number / KEYS_PER_PREFIX + seed))
                .array();
    }

    /** Returns a new array, as a serializer would. */
    byte[] value(int number, int version) {
        long random = random(number, version);
        int length = sizes.length(random);
        int from = offset(random, length);
        byte[] value = Arrays.copyOfRange(block, from, from + length);
        TAG.set(value, 0, tag(number, version));
        return value;
    }

    /** Checks key, version and length of a value. Every read value is checked; it costs nothing next to the read. */
    void checkTag(int number, int version, byte[] value) {
        if (value == null
                || value.length != length(number, version)
                || (long) TAG.get(value, 0) != tag(number, version)) {
            throw new WrongValueException(number, version, value);
        }
    }

    /** Checks every byte. */
    void checkBytes(int number, int version, byte[] value) {
        checkTag(number, version, value);
        int from = offset(random(number, version), value.length);
        if (!Arrays.equals(value, Long.BYTES, value.length, block, from + Long.BYTES, from + value.length)) {
            throw new WrongValueException(number, version, value);
        }
    }

    int length(int number, int version) {
        return sizes.length(random(number, version));
    }

    /** Returns the version in a value. */
    static int version(byte[] value) {
        return (int) (long) TAG.get(value, 0);
    }

    private static long tag(int number, int version) {
        return (long) number << 32 | version;
    }

    private long random(int number, int version) {
        return mix(tag(number, version) ^ seed);
    }

    private int offset(long random, int length) {
        return (int) Math.floorMod(random >>> 16, (long) block.length - length);
    }

    /** Picks all keys once, in random order. */
    Picks shuffled() {
        return new Picks(shuffledNumbers());
    }

    private int[] shuffledNumbers() {
        int[] picks = new int[keys];
        Arrays.setAll(picks, i -> i);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = keys - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int swapped = picks[i];
            picks[i] = picks[other];
            picks[other] = swapped;
        }
        return picks;
    }

    /** Picks that many keys, all equally likely. */
    Picks uniform(int count, long salt) {
        SplittableRandom random = new SplittableRandom(seed + salt);
        int[] picks = new int[count];
        Arrays.setAll(picks, i -> random.nextInt(keys));
        return new Picks(picks);
    }

    /** Picks that many keys, a few of them often; the frequency is independent of the key order. */
    Picks zipf(int count, long salt) {
        JDKRandomGenerator random = new JDKRandomGenerator();
        random.setSeed(seed + salt);
        ZipfDistribution ranks = new ZipfDistribution(random, keys, ZIPF_EXPONENT);
        int[] byRank = shuffledNumbers();
        int[] picks = new int[count];
        Arrays.setAll(picks, i -> byRank[ranks.sample() - 1]);
        return new Picks(picks);
    }

    /** The finaliser of SplitMix64: neighbouring numbers become unrelated ones. */
    private static long mix(long bits) {
        long z = bits + 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
