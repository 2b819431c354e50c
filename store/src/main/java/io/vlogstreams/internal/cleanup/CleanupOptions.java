/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.function.LongSupplier;

/**
 * The options of the cleanup of one store.
 *
 * @param maxSpaceAmplification the bound for the size of the VLog files divided by the live bytes
 * @param alwaysRecounts whether the live bytes are recounted even after a clean shutdown
 * @param sliceNanos how long it works for a store before it turns to others, and how long it may delay a writer
 * @param worker the worker that takes the steps
 * @param deleter the worker that deletes files, which mostly waits for the disk
 * @param nanoTime the clock
 */
public record CleanupOptions(
        double maxSpaceAmplification,
        boolean alwaysRecounts,
        long sliceNanos,
        CleanupWorker worker,
        CleanupWorker deleter,
        LongSupplier nanoTime) {}
