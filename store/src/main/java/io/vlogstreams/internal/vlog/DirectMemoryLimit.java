/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** How much memory outside the heap the JVM gives to all that ask for it. Stateless. */
public final class DirectMemoryLimit {

    private DirectMemoryLimit() {}

    /** {@code -XX:MaxDirectMemorySize}, or what the JVM takes if that is not set: the largest heap. */
    public static long bytes() {
        long set = 0;
        try {
            HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            set = options == null
                    ? 0
                    : Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
        } catch (IllegalArgumentException | NoClassDefFoundError e) {
            // Another JVM, or one without that module.
        }
        return set == 0 ? Runtime.getRuntime().maxMemory() : set;
    }
}
