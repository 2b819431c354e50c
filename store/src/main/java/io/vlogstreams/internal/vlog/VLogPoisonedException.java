/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.io.Serial;

/**
 * The log takes no more writes because a sync has failed; the cause is that failure. The operating system may have
 * dropped the bytes that it could not write, and would report success next time. So the sync is never repeated: close
 * the store and reopen it from its durable state. Reads still work.
 */
public final class VLogPoisonedException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    VLogPoisonedException(String location, Throwable syncFailure) {
        super(
                "VLog " + location + " takes no more writes, because a sync failed (" + syncFailure.getMessage()
                        + "): close the store and open it again from its durable state",
                syncFailure);
    }
}
