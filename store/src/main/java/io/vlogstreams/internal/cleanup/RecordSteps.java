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
 * Reads the records of a file that are not listed as dead, in steps and in the order of the file. Each walk has the
 * same steps.
 *
 * <p>For one thread at a time.
 */
final class RecordSteps {

    /** The most records of a step, which may be looked up in the index: bounds its time and its memory. */
    static final int MAX_RECORDS = 256;

    /** The most bytes that a step reads, unless a single record is larger. */
    private static final long MAX_BYTES = 384L << 10;

    private final RecordCursor records;
    private final KnownRecords known;
    private final int formatTag;
    private boolean ended;
    private byte @Nullable [] lastKey;

    /** @param formatTag the assumed format of all records */
    RecordSteps(RecordCursor records, KnownRecords known, int formatTag) {
        this.records = records;
        this.known = known;
        this.formatTag = formatTag;
    }

    /** A record, as described by the file itself. */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    record Found(byte[] key, Separated location) {

        long offset() {
            return location.pointer().offset();
        }
    }

    /** Returns the records of the next step. */
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

    /** Returns whether the walk is at the end of the file. */
    boolean hasEnded() {
        return ended;
    }

    /** Returns the key that was read last, or null. */
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
