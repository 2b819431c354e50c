/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

/** The outcomes for a store. They are counted, so that a test can check its coverage. */
enum Outcome {
    OPENED,
    OPENED_DIRTY,
    OPENED_WITH_SHORT_LIVED,
    CRASHED_IN_A_CALL,
    COMMITTED,
    SPILLED,
    FILES_DELETED,
    WRITTEN_BY_CLEANUP,
    SCANNED_TO_THE_END,
    POWER_FAILED_SAFELY,
    POWER_FAILED_UNSAFELY,
    FELL_BACK_BEHIND_THE_LAST_STATE,
    EMPTIED,
    EMPTIED_AS_DIRTY,
    VALUE_DAMAGED,
    REFUSED_AS_DAMAGED,
    BECAME_UNUSABLE
}
