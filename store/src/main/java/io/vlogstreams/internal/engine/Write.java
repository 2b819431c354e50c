/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import org.jspecify.annotations.Nullable;

/**
 * One key and its new value, in the current format; a null value deletes the key.
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Write(byte[] key, byte @Nullable [] value) {}
