/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The stores as Kafka Streams sees them. The only package, besides the public one, that knows Kafka Streams.
 */
@NullMarked
package io.vlogstreams.internal.streams;

import org.jspecify.annotations.NullMarked;
