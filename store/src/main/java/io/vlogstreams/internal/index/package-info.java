/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The index: key to value location, with the commit point beside it. The only package that knows RocksDB.
 *
 * <p>{@link io.vlogstreams.internal.index.LocationIndex} says what the store needs of an index;
 * {@link io.vlogstreams.internal.index.RocksDbIndex} gives it, and
 * {@link io.vlogstreams.internal.index.CachedLocationIndex} remembers what it gave.
 */
@NullMarked
package io.vlogstreams.internal.index;

import org.jspecify.annotations.NullMarked;
