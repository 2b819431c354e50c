/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** The limit of the JVM for direct memory. Stateless. */
public final class DirectMemoryLimit {

    private DirectMemoryLimit() {}

    /** Returns {@code -XX:MaxDirectMemorySize}, or its default, the maximum heap size. */
    public static long bytes() {
        long set = 0;
        try {
            HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            set = options == null
                    ? 0
                    : Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
        } catch (IllegalArgumentException | NoClassDefFoundError e) {
            // A JVM of another kind, or one without that module.
        }
        return set == 0 ? Runtime.getRuntime().maxMemory() : set;
    }
}
