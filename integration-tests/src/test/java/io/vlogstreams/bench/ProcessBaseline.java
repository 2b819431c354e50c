/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;

/**
 * What this process takes before it opens a store. Immutable.
 *
 * @param nativeBytes resident memory that is not the JVM's heap, code or classes; right if the JVM has touched all its
 *     heap when it started
 * @param heldBytes heap in use after a collection
 * @param openFiles jars, mostly
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

    /** Native memory that came since, where so much is resident. */
    long nativeBytesBeyond(long residentBytes) {
        return nativeBytes(residentBytes) - nativeBytes;
    }

    /** Heap that is in use since, after a collection. */
    long heldBytesBeyond() {
        return heldBytesNow() - heldBytes;
    }
}
