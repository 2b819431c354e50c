/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import org.jspecify.annotations.Nullable;

/**
 * What is known of the records of a file at one moment, without asking the index.
 *
 * @param dead those that no location names any more, as far as they are remembered
 * @param liveSum the sum of the {@linkplain Fingerprint fingerprints} of those that the index names; null if it is not
 *     known, because there were some when the store was opened
 */
record KnownRecords(Offsets.Sorted dead, @Nullable Long liveSum) {}
