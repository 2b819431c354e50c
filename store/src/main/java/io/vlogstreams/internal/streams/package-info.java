/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The state stores of Kafka Streams. Besides the public package, the only one that depends on Kafka Streams.
 */
@NullMarked
package io.vlogstreams.internal.streams;

import org.jspecify.annotations.NullMarked;
