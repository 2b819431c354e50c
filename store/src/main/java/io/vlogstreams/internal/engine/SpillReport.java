/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the spills of a store, and logs the first one for lack of memory. Used by the writer; the count is for any
 * thread.
 */
final class SpillReport {

    private static final Logger LOG = LoggerFactory.getLogger(SpillReport.class);

    private final EngineOptions options;
    private final AtomicLong spills = new AtomicLong();
    private boolean written;

    SpillReport(EngineOptions options) {
        this.options = options;
    }

    void count() {
        spills.incrementAndGet();
    }

    long spills() {
        return spills.get();
    }

    void writeOnce(long stagedBytes) {
        if (written) {
            return;
        }
        written = true;
        LOG.info(
                "Store {}: {} bytes are staged without a commit, more than vlog.staged.bytes.max = {} or, with the other"
                        + " stores, than vlog.staged.bytes.total.max = {}; they go into the index before the commit.{}",
                options.storeName(),
                stagedBytes,
                options.maxStagedBytes(),
                options.maxTotalStagedBytes(),
                options.exactlyOnce() ? " A crash before the next commit means a restore from the changelog." : "");
    }
}
