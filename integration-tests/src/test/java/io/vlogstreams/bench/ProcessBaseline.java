/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;

/**
 * The resources of this process before it opens a store. Immutable.
 *
 * @param nativeBytes resident memory other than the JVM's heap, code and classes; correct if the JVM touched its whole
 *     heap when it started
 * @param heldBytes heap in use after a garbage collection
 * @param openFiles open files, mostly jars
 */
record ProcessBaseline(long nativeBytes, long heldBytes, long openFiles) {

    private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();

    static ProcessBaseline now() {
        return new ProcessBaseline(
                nativeBytes(ProcessFile.residentBytes().orElse(0)),
                heldBytesNow(),
                ProcessFile.openFiles().orElse(0));
    }

    private static long nativeBytes(long residentBytes) {
        return residentBytes
                - MEMORY.getHeapMemoryUsage().getCommitted()
                - MEMORY.getNonHeapMemoryUsage().getUsed();
    }

    private static long heldBytesNow() {
        System.gc();
        return MEMORY.getHeapMemoryUsage().getUsed();
    }

    /** Returns the native memory beyond the baseline, given the resident memory. */
    long nativeBytesBeyond(long residentBytes) {
        return nativeBytes(residentBytes) - nativeBytes;
    }

    /** Returns the heap in use beyond the baseline, after a garbage collection. */
    long heldBytesBeyond() {
        return heldBytesNow() - heldBytes;
    }
}
