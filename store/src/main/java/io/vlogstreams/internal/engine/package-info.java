/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The store engine, independent of Kafka: put, get, scan, stage, commit, restore, recover.
 */
@NullMarked
package io.vlogstreams.internal.engine;

import org.jspecify.annotations.NullMarked;
