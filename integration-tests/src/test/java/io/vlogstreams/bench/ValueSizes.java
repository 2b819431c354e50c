/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.math3.distribution.LogNormalDistribution;

/**
 * The sizes of values: all the same, or a mix like that of stored documents, with many small and few large ones. The
 * mix is log-normal with a median of 4 KiB and a sigma of 1.5, truncated to 100 B to 1 MiB. The mean is 12 KiB, and
 * about 5 % are larger than 47 KiB. Immutable.
 */
final class ValueSizes {

    private static final String MIX = "mix";
    private static final int MIX_BYTES_MEDIAN = 4 << 10;
    private static final double MIX_SIGMA = 1.5;
    private static final int MIX_BYTES_MIN = 100;
    private static final int MIX_BYTES_MAX = 1 << 20;

    /** A power of two. */
    private static final int QUANTILES = 4096;

    private final String option;
    private final int[] lengths;

    private ValueSizes(String option, int[] lengths) {
        this.option = option;
        this.lengths = lengths;
    }

    /** Parses {@code 100}, {@code 4k}, {@code 1m} or {@code mix}. */
    static ValueSizes ofOption(String option) {
        if (option.equals(MIX)) {
            return new ValueSizes(option, mix());
        }
        int bytes = Math.toIntExact(ByteCount.parse(option));
        if (bytes < Input.VALUE_BYTES_MIN || bytes > Input.VALUE_BYTES_MAX) {
            throw new IllegalArgumentException("values of " + option + ": allowed are " + Input.VALUE_BYTES_MIN + " to "
                    + Input.VALUE_BYTES_MAX + " bytes");
        }
        return new ValueSizes(option.toLowerCase(Locale.ROOT), new int[] {bytes});
    }

    private static int[] mix() {
        LogNormalDistribution distribution = new LogNormalDistribution(Math.log(MIX_BYTES_MEDIAN), MIX_SIGMA);
        int[] lengths = new int[QUANTILES];
        // Quantiles instead of samples: every length is as frequent as it should be, in every run.
        Arrays.setAll(lengths, i -> (int) distribution.inverseCumulativeProbability((i + 0.5) / QUANTILES));
        Arrays.setAll(lengths, i -> Math.min(Math.max(lengths[i], MIX_BYTES_MIN), MIX_BYTES_MAX));
        return lengths;
    }

    String option() {
        return option;
    }

    double meanBytes() {
        return Arrays.stream(lengths).average().orElseThrow();
    }

    int maxBytes() {
        return Arrays.stream(lengths).max().orElseThrow();
    }

    /** Returns a length that depends on the random bits only. */
    int length(long randomBits) {
        return lengths[(int) (randomBits & (lengths.length - 1))];
    }

    /** Returns smaller sizes that take the same paths through a store, for warming up. */
    ValueSizes atMost(int bytes) {
        int[] shortened =
                Arrays.stream(lengths).map(length -> Math.min(length, bytes)).toArray();
        return new ValueSizes(option, shortened);
    }
}
