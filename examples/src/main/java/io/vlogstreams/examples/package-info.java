/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** Programs that a user runs and copies from; each starts its own Kafka broker and cleans up behind itself. */
@NullMarked
package io.vlogstreams.examples;

import org.jspecify.annotations.NullMarked;
