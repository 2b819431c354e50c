/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.cleanup.Pins.Pin;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ForgottenScansTest {

    private final AtomicLong nanos = new AtomicLong();
    private final Pins pins = new Pins(nanos::get);
    private final ForgottenScans scans = new ForgottenScans("store", pins, nanos::get);

    @Test
    void aScanThatIsOpenForLongAndHoldsMuchIsToldOfOnce() {
        Pin scan = pins.takeForScan();
        assertThat(scans.look(101, 100)).as("not long").isFalse();
        nanos.addAndGet(ForgottenScans.LONG_NANOS);
        assertThat(scans.look(100, 100)).as("not much").isFalse();
        assertThat(scans.look(101, 100)).isTrue();
        assertThat(scans.look(101, 100)).as("told already").isFalse();
        Pin other = pins.takeForScan();
        scan.close();
        assertThat(scans.look(101, 100)).as("the other is not open for long").isFalse();
        nanos.addAndGet(ForgottenScans.LONG_NANOS);
        assertThat(scans.look(101, 100)).isTrue();
        other.close();
        assertThat(scans.look(101, 100)).isFalse();
    }
}
