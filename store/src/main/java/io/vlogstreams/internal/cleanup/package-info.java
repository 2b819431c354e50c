/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The cleanup: counts the live bytes of each VLog file, relocates live records out of files with much garbage, and
 * deletes files without live records, so that a store's space stays within its bound.
 */
@NullMarked
package io.vlogstreams.internal.cleanup;

import org.jspecify.annotations.NullMarked;
