/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * A key-value state store for Kafka Streams that keeps large values in an append-only log. This package is the public
 * API:
 *
 * <ul>
 *   <li>{@link io.vlogstreams.VLogStores} supplies single stores, {@link io.vlogstreams.VLogDslStoreSuppliers} all
 *       key-value stores of a DSL topology;
 *   <li>{@link io.vlogstreams.VLogConfig} has the options;
 *   <li>{@link io.vlogstreams.VLogProcessorWrapper} or {@link io.vlogstreams.VLogCleanup} wakes the cleanup at
 *       intervals;
 *   <li>{@link io.vlogstreams.VLogKafkaClientSupplier} lets stores commit with Kafka transactions;
 *   <li>{@link io.vlogstreams.VLogKeysQuery} queries the keys of a store without their values.
 * </ul>
 */
@NullMarked
package io.vlogstreams;

import org.jspecify.annotations.NullMarked;
