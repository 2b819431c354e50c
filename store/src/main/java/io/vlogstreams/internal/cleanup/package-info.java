/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Cleanup: knows how many bytes of each VLog file are live and gives back the files that are obsolete.
 */
@NullMarked
package io.vlogstreams.internal.cleanup;

import org.jspecify.annotations.NullMarked;
