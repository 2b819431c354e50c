/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpaceBoundTest {

    private static final long FILE = 1000;
    private static final long LIVE = 1_000_000;

    private final SpaceBound bound = new SpaceBound(1.5);

    @Test
    void relocationBeginsShortlyBeforeTheBound() {
        assertThat(bound.excess((long) (LIVE * 1.46), LIVE, FILE)).isNotPositive();
        assertThat(bound.excess((long) (LIVE * 1.47), LIVE, FILE)).isPositive();
    }

    @Test
    void theExcessIsWhatHasToGo() {
        long begin = LIVE + bound.allowance(LIVE, FILE);
        assertThat(bound.excess(begin, LIVE, FILE)).isZero();
        assertThat(bound.excess(begin + 77, LIVE, FILE)).isEqualTo(77);
    }

    @Test
    void aSmallStoreMayHaveTwoFilesMoreThanItNeeds() {
        assertThat(bound.excess(2 * FILE, 0, FILE)).isZero();
        assertThat(bound.excess(2 * FILE + 1, 0, FILE)).isEqualTo(1);
        assertThat(bound.excess(100 + 2 * FILE, 100, FILE)).isZero();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.01, 1.2, 1.5, 3, 10})
    void stagedWritesMayTakeUpOnlyAPartOfTheRoom(double maxAmplification) {
        SpaceBound some = new SpaceBound(maxAmplification);
        assertThat(some.stagedAllowance(100 * LIVE, FILE))
                .isPositive()
                .isLessThan(some.allowance(100 * LIVE, FILE) / 4);
        assertThat(some.stagedAllowance(0, FILE)).isEqualTo(2 * FILE);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.01, 1.2, 1.5, 3, 10})
    void inAStoreAboveItsBoundOneFileAtLeastIsWorthwhile(double maxAmplification) {
        SpaceBound some = new SpaceBound(maxAmplification);
        // All files are alike: the live part of each is 1 / bound.
        assertThat(some.isWorthwhile(LIVE, (long) (LIVE / maxAmplification))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.01, 1.2, 1.5, 3, 10})
    void aFileThatIsNearlyFullIsNotWorthwhile(double maxAmplification) {
        SpaceBound some = new SpaceBound(maxAmplification);
        assertThat(some.isWorthwhile(LIVE, LIVE)).isFalse();
        assertThat(some.isWorthwhile(LIVE, LIVE - (long) (LIVE * (1 - 1 / maxAmplification) / 3)))
                .isFalse();
        assertThat(some.isWorthwhile(LIVE, 1)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.01, 1.2, 1.5, 3, 10})
    void copyingGivesMoreRoomThanIsAppended(double maxAmplification) {
        double copied = new SpaceBound(maxAmplification).copiedPerAppended();
        // For each byte copied at the bound, a file frees bound - 1 bytes; the goal is twice the appended bytes.
        assertThat(copied * (maxAmplification - 1)).isCloseTo(2, within(1e-9));
    }
}
