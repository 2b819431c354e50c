/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.ArrayList;
import java.util.List;

/**
 * Shows that the records of a file that are not listed as dead are exactly those that the index names. It compares the
 * sum of their {@linkplain Fingerprint fingerprints} with the sum in the ledger. This needs a separate walk through the
 * file, because the sum is known only at its end.
 *
 * <p>A damaged length, checksum or end changes the sum, and so does a dead record that is not listed. Then the records
 * have to be looked up in the index.
 *
 * <p>For one thread at a time.
 */
final class Survey {

    private final long liveSum;
    private final List<Long> stepSums = new ArrayList<>();
    private long sum;
    private int stepsSeenAgain;

    /** @param liveSum the sum of the records that the index names */
    Survey(long liveSum) {
        this.liveSum = liveSum;
    }

    /** First walk: adds the next step. */
    void add(List<RecordSteps.Found> step) {
        long stepSum = sum(step);
        stepSums.add(stepSum);
        sum += stepSum;
    }

    /** After the first walk: returns whether the sums are equal. */
    boolean shows() {
        return sum == liveSum;
    }

    /** Second walk: returns whether the next step is the same as in the first. */
    boolean isAsBefore(List<RecordSteps.Found> step) {
        int now = stepsSeenAgain++;
        return now < stepSums.size() && stepSums.get(now) == sum(step);
    }

    private static long sum(List<RecordSteps.Found> step) {
        long sum = 0;
        for (RecordSteps.Found record : step) {
            sum += Fingerprint.of(record.location());
        }
        return sum;
    }
}
