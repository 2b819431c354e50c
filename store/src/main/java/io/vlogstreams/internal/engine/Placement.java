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
 * Decides where a value goes: inline if it is below the threshold, otherwise to the VLog, next to values with a similar
 * expected lifetime. For the writer.
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

    /** Places the value and returns its location. */
    ValueLocation place(byte[] key, byte[] value) throws IOException {
        return value.length < thresholdBytes
                ? new Inline(formats.currentTag(), value)
                : new Separated(formats.currentTag(), vlog.append(key, value, lifetimes.next(key)));
    }
}
