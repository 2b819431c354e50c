/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final long IDLE_BYTES_PER_SECOND = 16L << 20;
    private static final long MAX_ALLOWED_BYTES = 32L << 20;

    private long now = TimeUnit.DAYS.toNanos(3);
    private final Pace pace = new Pace(4, () -> now);

    @Test
    void nothingIsAllowedAtOnce() {
        assertThat(pace.allows(0)).isFalse();
    }

    @Test
    void eachByteAppendedAllowsSoManyToBeCopied() {
        assertThat(pace.allows(1000)).isTrue();
        pace.copied(3999);
        assertThat(pace.allows(1000)).isTrue();
        pace.copied(1);
        assertThat(pace.allows(1000)).isFalse();
        assertThat(pace.allows(1001)).isTrue();
    }

    @Test
    void bytesAppendedCountOnce() {
        assertThat(pace.allows(1000)).isTrue();
        assertThat(pace.allows(1000)).isTrue();
        pace.copied(4000);
        assertThat(pace.allows(1000)).isFalse();
    }

    @Test
    void whatWasCopiedTooMuchIsSavedLater() {
        assertThat(pace.allows(10)).isTrue();
        pace.copied(1_000_000);
        assertThat(pace.allows(100_000)).isFalse();
        assertThat(pace.allows(250_001)).isTrue();
    }

    @Test
    void timeAllowsSomethingWhenNothingIsAppended() {
        now += TimeUnit.SECONDS.toNanos(1);
        assertThat(pace.allows(0)).isTrue();
        pace.copied(IDLE_BYTES_PER_SECOND - 1);
        assertThat(pace.allows(0)).isTrue();
        pace.copied(1);
        assertThat(pace.allows(0)).isFalse();
        now += 1000;
        assertThat(pace.allows(0)).isTrue();
    }

    @Test
    void aLongSilenceAllowsNoStorm() {
        now += TimeUnit.DAYS.toNanos(1);
        assertThat(pace.allows(0)).isTrue();
        pace.copied(MAX_ALLOWED_BYTES);
        assertThat(pace.allows(0)).isFalse();
    }

    @Test
    void aLotAppendedAllowsNoStorm() {
        assertThat(pace.allows(1L << 40)).isTrue();
        pace.copied(MAX_ALLOWED_BYTES);
        assertThat(pace.allows(1L << 40)).isFalse();
    }
}
