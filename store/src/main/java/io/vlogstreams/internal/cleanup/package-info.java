/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Cleanup: knows how many bytes of each VLog file are live, relocates live records out of files that are mostly
 * obsolete, and deletes files that hold nothing live, so that a store's space stays within its bound.
 */
@NullMarked
package io.vlogstreams.internal.cleanup;

import org.jspecify.annotations.NullMarked;
