/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.ArrayList;
import java.util.List;

/**
 * Shows that the records of a file which are not known to be dead are those that the index names, all of them and as it
 * names them: by the sum of their {@linkplain Fingerprint fingerprints}, which the ledger knows from what the index was
 * given. It takes a walk of its own through the file, because until its end nothing is shown.
 *
 * <p>A damaged length, checksum or end gives another sum, and so does a record that was forgotten when it died, or that
 * died without having been named. Then the index has to be asked.
 *
 * <p>One thread at a time.
 */
final class Survey {

    private final long liveSum;
    private final List<Long> stepSums = new ArrayList<>();
    private long sum;
    private int stepsSeenAgain;

    /** @param liveSum the sum of those that the index names */
    Survey(long liveSum) {
        this.liveSum = liveSum;
    }

    /** First walk: the next step. */
    void add(List<RecordSteps.Found> step) {
        long stepSum = sum(step);
        stepSums.add(stepSum);
        sum += stepSum;
    }

    /** After the first walk: whether the sum is right. */
    boolean shows() {
        return sum == liveSum;
    }

    /** Second walk: whether the next step is what it was in the first. */
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
