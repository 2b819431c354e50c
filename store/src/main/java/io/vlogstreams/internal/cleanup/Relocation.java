/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.LocationIndex;
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
 * Copies the live records of one sealed file, some at a time: those that the index names, which is asked for all that are not
 * known to be dead. What the file says of itself is not believed: a record that is passed over by a damaged length stays
 * live in the ledger, and its file stays.
 *
 * <p>Memory: the keys of one step and one value. One thread at a time.
 */
final class Relocation implements AutoCloseable {

    /** What a step asks the index for: bounds its time and its memory. */
    private static final int MAX_STEP_RECORDS = 256;

    /** What a step looks at, but for a single record that is larger. */
    private static final long MAX_STEP_BYTES = 1L << 20;

    private final LocationIndex index;
    private final VLog vlog;
    private final long fileId;
    private final RecordCursor records;
    private final Offsets.Sorted dead;
    private boolean ended;

    /** The key that was read or copied last, and whether it was copied; made text when a message needs it. */
    private byte @Nullable [] lastKey;

    private boolean copying;

    /** @param dead records that are known to be dead; the file is watched since */
    Relocation(LocationIndex index, VLog vlog, long fileId, Offsets.Sorted dead) throws IOException {
        this.index = index;
        this.vlog = vlog;
        this.fileId = fileId;
        this.records = vlog.openCursor(fileId);
        this.dead = dead;
    }

    long fileId() {
        return fileId;
    }

    long fileBytes() {
        return records.fileBytes();
    }

    /** Whether all of the file has been looked at. */
    boolean hasEnded() {
        return ended;
    }

    /** A record of the file. */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    private record Found(byte[] key, long offset) {}

    /** A record that the index names. */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    private record Live(byte[] key, Separated location) {}

    /** Copies the live ones of the next records. The copies are in the VLog's file when they are returned. */
    List<Move> copyNext() throws IOException {
        List<Found> found = nextRecords();
        found.sort(Comparator.comparing(Found::key, Arrays::compareUnsigned));
        List<@Nullable Separated> locations =
                index.separated(found.stream().map(Found::key).toList());
        List<Live> live = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            Separated named = locations.get(i);
            if (named != null && isAt(named.pointer(), found.get(i).offset())) {
                live.add(new Live(found.get(i).key(), named));
            }
        }
        // In the order of the file: what was written together stays together.
        live.sort(Comparator.comparingLong(record -> record.location().pointer().offset()));
        List<Move> moves = new ArrayList<>(live.size());
        for (Live record : live) {
            moves.add(new Move(record.key(), record.location(), copy(record)));
        }
        vlog.drainRelocated();
        return moves;
    }

    private List<Found> nextRecords() throws IOException {
        List<Found> found = new ArrayList<>();
        for (long bytes = 0; bytes < MAX_STEP_BYTES && found.size() < MAX_STEP_RECORDS; ) {
            if (!records.advance()) {
                ended = true;
                break;
            }
            bytes += records.recordBytes();
            if (dead.contains(records.offset())) {
                continue;
            }
            byte[] key = records.key();
            found.add(new Found(key, records.offset()));
            lastKey = key;
            copying = false;
        }
        return found;
    }

    private boolean isAt(ValuePointer pointer, long offset) {
        return pointer.fileId() == fileId && pointer.offset() == offset;
    }

    /** Which keys the last step was about, for messages; {@link #copyNext()} copies in the order of the file. */
    String lastKeys() {
        if (lastKey == null) {
            return "its first key";
        }
        return (copying ? "key " : "the keys behind ") + KeyText.of(lastKey);
    }

    private Separated copy(Live record) throws IOException {
        Separated location = record.location();
        lastKey = record.key();
        copying = true;
        return new Separated(location.formatTag(), vlog.relocate(location.pointer(), record.key()));
    }

    @Override
    public void close() {
        records.close();
    }
}
