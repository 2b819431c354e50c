/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.cleanup.Pins.Pin;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PinsTest {

    private final AtomicLong nanos = new AtomicLong(-5);
    private final Pins pins = new Pins(nanos::get);

    private boolean isReleased(long retiredAt) {
        return retiredAt < pins.oldest();
    }

    @Test
    void withoutPinsEverythingMayGo() {
        assertThat(isReleased(pins.retire())).isTrue();
    }

    @Test
    void aPinHoldsWhatIsRetiredAfterIt() {
        Pin pin = pins.take();
        long retired = pins.retire();
        assertThat(isReleased(retired)).isFalse();
        pin.close();
        assertThat(isReleased(retired)).isTrue();
    }

    @Test
    void aPinDoesNotHoldWhatWasRetiredBeforeIt() {
        long retired = pins.retire();
        try (Pin pin = pins.take()) {
            assertThat(pin).isNotNull();
            assertThat(isReleased(retired)).isTrue();
        }
    }

    @Test
    void theOldestPinCounts() {
        Pin oldest = pins.take();
        long retired = pins.retire();
        Pin youngest = pins.take();
        youngest.close();
        assertThat(isReleased(retired)).isFalse();
        oldest.close();
        assertThat(isReleased(retired)).isTrue();
    }

    @Test
    void aPinCanBeClosedAgain() {
        Pin closed = pins.take();
        closed.close();
        Pin held = pins.take();
        closed.close();
        assertThat(pins.held()).isEqualTo(1);
        held.close();
        assertThat(pins.held()).isZero();
    }

    @Test
    void thePinsOfScansAreCountedAmongAll() {
        Pin passing = pins.take();
        Pin scan = pins.takeForScan();
        assertThat(pins.scans()).isEqualTo(1);
        assertThat(pins.held()).isEqualTo(2);
        passing.close();
        scan.close();
        scan.close();
        assertThat(pins.scans()).isZero();
        assertThat(pins.held()).isZero();
    }

    @Test
    void thePinOfAScanHoldsWhatIsRetiredAfterIt() {
        Pin scan = pins.takeForScan();
        long retired = pins.retire();
        assertThat(isReleased(retired)).isFalse();
        scan.close();
        assertThat(isReleased(retired)).isTrue();
    }

    @Test
    void theOldestScanSaysHowLongItHasBeenOpen() {
        Pin passing = pins.take();
        nanos.set(0);
        assertThat(pins.oldestScanNanos()).isZero();
        Pin oldest = pins.takeForScan();
        nanos.set(10);
        Pin youngest = pins.takeForScan();
        nanos.set(30);
        assertThat(pins.oldestScanNanos()).isEqualTo(30);
        oldest.close();
        assertThat(pins.oldestScanNanos()).isEqualTo(20);
        youngest.close();
        assertThat(pins.oldestScanNanos()).isZero();
        passing.close();
    }
}
