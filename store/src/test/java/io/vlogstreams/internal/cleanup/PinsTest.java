/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.cleanup.Pins.Pin;
import org.junit.jupiter.api.Test;

class PinsTest {

    private final Pins pins = new Pins();

    @Test
    void withoutPinsEverythingMayGo() {
        assertThat(pins.releasedBefore(pins.retire())).isTrue();
    }

    @Test
    void aPinHoldsWhatIsRetiredAfterIt() {
        Pin pin = pins.take();
        long retired = pins.retire();
        assertThat(pins.releasedBefore(retired)).isFalse();
        pin.close();
        assertThat(pins.releasedBefore(retired)).isTrue();
    }

    @Test
    void aPinDoesNotHoldWhatWasRetiredBeforeIt() {
        long retired = pins.retire();
        try (Pin pin = pins.take()) {
            assertThat(pin).isNotNull();
            assertThat(pins.releasedBefore(retired)).isTrue();
        }
    }

    @Test
    void theOldestPinCounts() {
        Pin oldest = pins.take();
        long retired = pins.retire();
        Pin youngest = pins.take();
        youngest.close();
        assertThat(pins.releasedBefore(retired)).isFalse();
        oldest.close();
        assertThat(pins.releasedBefore(retired)).isTrue();
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
}
