/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.function.LongSupplier;

/**
 * How the cleanup of one store works.
 *
 * @param maxSpaceAmplification what the VLog's bytes on disk may be, divided by the live ones
 * @param alwaysRecounts whether the live bytes are counted anew even if nothing speaks against them
 * @param sliceNanos how long it works, and may keep a writer waiting, before others get their turn
 * @param worker who takes the steps
 * @param deleter who deletes files, which is waiting for the disk mostly
 * @param nanoTime the clock
 */
public record CleanupOptions(
        double maxSpaceAmplification,
        boolean alwaysRecounts,
        long sliceNanos,
        CleanupWorker worker,
        CleanupWorker deleter,
        LongSupplier nanoTime) {}
