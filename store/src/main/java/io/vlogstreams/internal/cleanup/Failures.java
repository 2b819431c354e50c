/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The consecutive failures of work that is retried. The first, and then one every ten minutes, is logged with its cause
 * at WARN; the others are logged at DEBUG. The success that ends the series is logged, too.
 *
 * <p>Thread-safe. Never throws, even if logging fails for lack of memory.
 */
final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private static final long WARNING_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final String storeName;
    private final String doing;
    private final CleanupTally tally;
    private final LongSupplier nanoTime;

    private volatile int inRow;
    private long warnedAt; // guarded by this

    /** @param doing the work that fails, for the log: "relocating records" */
    Failures(String storeName, String doing, CleanupTally tally, LongSupplier nanoTime) {
        this.storeName = storeName;
        this.doing = doing;
        this.tally = tally;
        this.nanoTime = nanoTime;
    }

    /** Returns the number of failures since the last success. Any thread, at no cost. */
    int inRow() {
        return inRow;
    }

    /** Records a failure; the work will be retried. */
    synchronized void add(Throwable reason) {
        inRow++;
        tally.failed();
        try {
            long now = nanoTime.getAsLong();
            if (inRow == 1 || now - warnedAt >= WARNING_INTERVAL_NANOS) {
                warnedAt = now;
                LOG.warn(
                        "Store {}: cleanup failed while {} ({} times in a row); nothing is lost, and it is tried again",
                        storeName,
                        doing,
                        inRow,
                        reason);
            } else {
                LOG.debug("Store {}: cleanup failed again while {}", storeName, doing, reason);
            }
        } catch (Throwable e) {
            // The metric counts it, and the next failure is logged.
            warnedAt -= WARNING_INTERVAL_NANOS;
        }
    }

    /** Records a success. */
    void succeeded() {
        if (inRow > 0) {
            endRow();
        }
    }

    private synchronized void endRow() {
        int failures = inRow;
        inRow = 0;
        try {
            LOG.info("Store {}: cleanup works again after {} failures while {}", storeName, failures, doing);
        } catch (Throwable e) {
            // The message is not important.
            warnedAt -= WARNING_INTERVAL_NANOS;
        }
    }
}
