/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.KeyOrder;
import io.vlogstreams.internal.index.KnownRecords;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.CorruptRecordException;
import io.vlogstreams.internal.vlog.KeyText;
import io.vlogstreams.internal.vlog.RecordCursor;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies the live records of one sealed file, some at a time: those that the index names. It is asked for all that are
 * not known to be dead, unless a {@link Survey} has shown that these are the live ones. What the file says of itself is
 * not believed: a record that is passed over by a damaged length stays live in the ledger, and its file stays.
 *
 * <p>Memory: the keys of one step and one value. One thread at a time.
 */
final class Relocation implements AutoCloseable {

    private final LocationIndex index;
    private final VLog vlog;
    private final long fileId;
    private final RecordCursor records;
    private final RecordSteps steps;

    /** Null if it showed nothing. */
    private @Nullable Survey survey;

    private boolean surveying = true;

    /** The key that is being copied; made text when a message needs it. */
    private byte @Nullable [] copied;

    /**
     * Begins; the file is watched already, so that nothing that dies from now on is missed.
     *
     * @param formatTag the format of new values, in which records are that the index is not asked for
     */
    Relocation(LocationIndex index, VLog vlog, long fileId, int formatTag) throws IOException {
        this.index = index;
        this.vlog = vlog;
        this.fileId = fileId;
        KnownRecords known = index.known(fileId);
        this.records = vlog.openCursor(fileId);
        this.steps = new RecordSteps(records, known, formatTag);
        this.survey = new Survey(known.live().fingerprints());
    }

    long fileId() {
        return fileId;
    }

    long fileBytes() {
        return records.fileBytes();
    }

    /** Whether all that is live was copied. */
    boolean hasEnded() {
        return !surveying && steps.hasEnded();
    }

    /**
     * Copies the live ones of the next records; at first, nothing but looks at them. The copies are in the VLog's file
     * when they are returned.
     */
    List<Move> copyNext() throws IOException {
        Survey surveyed = survey;
        if (surveying && surveyed != null) {
            look(surveyed);
            return List.of();
        }
        copied = null;
        List<RecordSteps.Found> found = steps.next();
        // Invariant 9: the index names these, which was shown or is asked.
        List<RecordSteps.Found> live = surveyed != null && surveyed.isAsBefore(found) ? found : named(found);
        List<Move> moves = new ArrayList<>(live.size());
        for (RecordSteps.Found record : live) {
            moves.add(new Move(record.key(), record.location(), copy(record)));
        }
        vlog.drainRelocated();
        return moves;
    }

    private void look(Survey surveyed) throws IOException {
        try {
            surveyed.add(steps.next());
            if (!steps.hasEnded()) {
                return;
            }
            if (!surveyed.shows()) {
                survey = null;
            }
        } catch (CorruptRecordException e) {
            survey = null; // it is found again after what is in front of it was copied
        }
        surveying = false;
        steps.rewind();
    }

    /** Those that the index names, in the order of the file: what was written together stays together. */
    private List<RecordSteps.Found> named(List<RecordSteps.Found> found) throws IOException {
        RecordSteps.Found[] sorted = found.toArray(new RecordSteps.Found[0]);
        KeyOrder.sort(sorted, RecordSteps.Found::key);
        List<@Nullable Separated> locations = index.separated(
                Arrays.stream(sorted).map(RecordSteps.Found::key).toList());
        List<RecordSteps.Found> named = new ArrayList<>();
        for (int i = 0; i < sorted.length; i++) {
            Separated location = locations.get(i);
            RecordSteps.Found record = sorted[i];
            if (location != null && isAt(location.pointer(), record.offset())) {
                named.add(new RecordSteps.Found(record.key(), location));
            }
        }
        named.sort(Comparator.comparingLong(RecordSteps.Found::offset));
        return named;
    }

    private boolean isAt(ValuePointer pointer, long offset) {
        return pointer.fileId() == fileId && pointer.offset() == offset;
    }

    /** Which keys the last step was about, for messages; {@link #copyNext()} copies in the order of the file. */
    String lastKeys() {
        byte[] read = steps.lastKey();
        if (copied != null) {
            return "key " + KeyText.of(copied);
        }
        return read == null ? "its first key" : "the keys behind " + KeyText.of(read);
    }

    private Separated copy(RecordSteps.Found record) throws IOException {
        copied = record.key();
        Separated location = record.location();
        return new Separated(location.formatTag(), vlog.relocate(records, location.pointer(), record.key()));
    }

    @Override
    public void close() {
        records.close();
    }
}
