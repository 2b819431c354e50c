/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;

/**
 * Where a value goes: below the threshold into its location, otherwise into the VLog, next to values that are expected
 * to live as long. The writer's.
 */
final class Placement {

    private final int thresholdBytes;
    private final ValueFormats formats;
    private final VLog vlog;
    private final ExpectedLifetimes lifetimes;

    Placement(int thresholdBytes, ValueFormats formats, VLog vlog) {
        this.thresholdBytes = thresholdBytes;
        this.formats = formats;
        this.vlog = vlog;
        this.lifetimes = new ExpectedLifetimes(vlog);
    }

    /** Puts the value there, and says where. */
    ValueLocation place(byte[] key, byte[] value) throws IOException {
        return value.length < thresholdBytes
                ? new Inline(formats.currentTag(), value)
                : new Separated(formats.currentTag(), vlog.append(key, value, lifetimes.next(key)));
    }
}
