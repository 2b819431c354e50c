/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The index: a map from keys to locations, and the commit point. The only package that uses RocksDB.
 *
 * <p>{@link io.vlogstreams.internal.index.LocationIndex} is the interface;
 * {@link io.vlogstreams.internal.index.RocksDbIndex} implements it, and
 * {@link io.vlogstreams.internal.index.CachedLocationIndex} adds a cache.
 */
@NullMarked
package io.vlogstreams.internal.index;

import org.jspecify.annotations.NullMarked;
