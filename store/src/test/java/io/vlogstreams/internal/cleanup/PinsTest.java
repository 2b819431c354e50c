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

    private static final long FILE = 7;

    private boolean isReleased(long retiredAt) {
        return !pins.holds().hold(FILE, retiredAt);
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
    void aPinDoesNotHoldFilesThatAreYoungerThanItsSnapshot() {
        Pin pin = pins.take();
        long retired = pins.retire();
        pin.snapshotTaken(FILE);
        assertThat(isReleased(retired)).isFalse();
        pin.snapshotTaken(FILE - 1);
        assertThat(isReleased(retired)).isTrue();
        assertThat(pins.holds().hold(FILE - 1, retired)).isTrue();
    }

    @Test
    void aLaterPinHoldsWhatAnEarlierOneDoesNot() {
        Pin earlier = pins.take();
        earlier.snapshotTaken(FILE - 1);
        long before = pins.retire();
        Pin later = pins.take();
        later.snapshotTaken(FILE);
        long after = pins.retire();
        assertThat(isReleased(before)).isTrue();
        assertThat(isReleased(after)).isFalse();
        later.close();
        assertThat(isReleased(after)).isTrue();
        assertThat(pins.holds().hold(FILE - 1, after)).isTrue();
    }

    @Test
    void changesAreSeen() {
        long before = pins.changes();
        Pin pin = pins.take();
        assertThat(pins.changes()).as("a new pin holds nothing that is retired").isEqualTo(before);
        pin.snapshotTaken(1);
        assertThat(pins.changes()).isGreaterThan(before);
        before = pins.changes();
        pins.retire();
        assertThat(pins.changes()).isGreaterThan(before);
        before = pins.changes();
        pin.close();
        assertThat(pins.changes()).isGreaterThan(before);
    }

    @Test
    void theOldestScanIsKnownByItsThread() {
        assertThat(pins.oldestScan()).isNull();
        nanos.set(5);
        Pin scan = pins.takeForScan();
        pins.takeForScan();
        assertThat(pins.oldestScan())
                .isEqualTo(new Pins.Scan(0, 5, Thread.currentThread().getName()));
        scan.close();
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
