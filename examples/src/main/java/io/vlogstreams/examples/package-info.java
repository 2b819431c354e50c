/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** Runnable programs to copy from; each starts its own Kafka broker and removes its files at the end. */
@NullMarked
package io.vlogstreams.examples;

import org.jspecify.annotations.NullMarked;
