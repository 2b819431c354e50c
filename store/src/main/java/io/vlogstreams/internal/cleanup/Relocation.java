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
 * Copies the live records of one sealed file, those that the index names, some at a time. It looks up all records that
 * are not listed as dead, unless a {@link Survey} has shown that these are the live ones. The file's own description of
 * its records is not trusted: a record that a damaged length skips stays live in the ledger, and its file stays.
 *
 * <p>Memory: the keys of one step and one value. For one thread at a time.
 */
final class Relocation implements AutoCloseable {

    private final LocationIndex index;
    private final VLog vlog;
    private final long fileId;
    private final RecordCursor records;
    private final RecordSteps steps;

    /** Null if the survey failed. */
    private @Nullable Survey survey;

    private boolean surveying = true;

    /** The key that is being copied; formatted only if a message needs it. */
    private byte @Nullable [] copied;

    /**
     * Begins a relocation. The file must already be watched, so that no record dies unnoticed.
     *
     * @param formatTag the format of new values, which is assumed for records that are not looked up
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

    /** Returns whether all live records were copied. */
    boolean hasEnded() {
        return !surveying && steps.hasEnded();
    }

    /**
     * Copies the live ones of the next records. During the survey it only reads them. The copies are in the VLog's file
     * when this returns.
     */
    List<Move> copyNext() throws IOException {
        Survey surveyed = survey;
        if (surveying && surveyed != null) {
            look(surveyed);
            return List.of();
        }
        copied = null;
        List<RecordSteps.Found> found = steps.next();
        // Invariant 9: the index names these, as the survey has shown or a lookup shows.
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
            survey = null; // the damage is found again after the records before it were copied
        }
        surveying = false;
        steps.rewind();
    }

    /** Returns the records that the index names, in the order of the file, so that neighbours stay together. */
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

    /** Returns a description of the keys of the last step, for messages. */
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
