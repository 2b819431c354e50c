/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * A state store for Kafka Streams that keeps large values in an append-only log.
 *
 * <p>{@link io.vlogstreams.VLogStores} gives the stores one by one, {@link io.vlogstreams.VLogDslStoreSuppliers} all
 * key-value stores of a DSL topology, {@link io.vlogstreams.VLogConfig} the options,
 * {@link io.vlogstreams.VLogKeysQuery} the keys of a store without their values, and
 * {@link io.vlogstreams.VLogProcessorWrapper} or {@link io.vlogstreams.VLogCleanup} the punctuators that wake the
 * cleanup. This package is the public API.
 */
@NullMarked
package io.vlogstreams;

import org.jspecify.annotations.NullMarked;
