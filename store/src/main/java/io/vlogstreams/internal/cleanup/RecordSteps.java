/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.KnownRecords;
import io.vlogstreams.internal.vlog.RecordCursor;
import io.vlogstreams.internal.vlog.Separated;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of a file that are not known to be dead, some at a time and in the order of the file. Each walk has the
 * same steps.
 *
 * <p>One thread at a time.
 */
final class RecordSteps {

    /** What a step gives at most, and the index may be asked for: bounds its time and its memory. */
    static final int MAX_RECORDS = 256;

    /** What a step looks at, but for a single record that is larger. */
    private static final long MAX_BYTES = 384L << 10;

    private final RecordCursor records;
    private final KnownRecords known;
    private final int formatTag;
    private boolean ended;
    private byte @Nullable [] lastKey;

    /** @param formatTag the format that all records are taken to be in */
    RecordSteps(RecordCursor records, KnownRecords known, int formatTag) {
        this.records = records;
        this.known = known;
        this.formatTag = formatTag;
    }

    /** A record, as it says itself. */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    record Found(byte[] key, Separated location) {

        long offset() {
            return location.pointer().offset();
        }
    }

    /** The next step. */
    List<Found> next() throws IOException {
        List<Found> found = new ArrayList<>();
        for (long bytes = 0; bytes < MAX_BYTES && found.size() < MAX_RECORDS; ) {
            if (!records.advance()) {
                ended = true;
                break;
            }
            bytes += records.recordBytes();
            if (!known.isDead(records.offset())) {
                lastKey = records.key();
                found.add(new Found(lastKey, new Separated(formatTag, records.pointer())));
            }
        }
        return found;
    }

    /** Whether the walk is at the end of the file. */
    boolean hasEnded() {
        return ended;
    }

    /** The key that was read last, or null. */
    byte @Nullable [] lastKey() {
        return lastKey;
    }

    /** Begins another walk. */
    void rewind() {
        records.rewind();
        ended = false;
        lastKey = null;
    }
}
