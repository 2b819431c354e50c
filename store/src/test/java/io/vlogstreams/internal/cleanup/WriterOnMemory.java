/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A writer without staging: what is put is in the index at once. Counts how often a file is asked for. */
final class WriterOnMemory implements StoreWriter {

    private final LocationIndex index;
    private final VLog vlog;
    private final SpaceLedger ledger;
    private long questions;
    private long moveCalls;
    private boolean committing;

    WriterOnMemory(LocationIndex index, VLog vlog, SpaceLedger ledger) {
        this.index = index;
        this.vlog = vlog;
        this.ledger = ledger;
    }

    void put(byte[] key, byte[] value) throws IOException {
        putAll(List.of(key), value);
    }

    /** Puts the same value for each of these keys, in one write. */
    void putAll(List<byte[]> keys, byte[] value) throws IOException {
        List<ValueLocation> locations = new ArrayList<>();
        for (byte[] key : keys) {
            locations.add(new Separated(0, vlog.append(key, value)));
        }
        write(keys, locations);
    }

    private void write(List<byte[]> keys, List<ValueLocation> locations) throws IOException {
        SpaceLedger.Change change = ledger.newChange();
        try (IndexBatch batch = index.newBatch()) {
            for (int i = 0; i < keys.size(); i++) {
                change.replaced(index.get(keys.get(i)), locations.get(i));
                batch.put(keys.get(i), locations.get(i));
            }
            change.addDeadTo(batch);
            change.addTo(batch);
            index.write(batch, false);
        }
        change.applied();
    }

    /** How often it was asked whether a file is staged. */
    long questions() {
        return questions;
    }

    @Override
    public void sealObsoleteShortLived() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isCommitting() {
        return committing;
    }

    void setCommitting(boolean committing) {
        this.committing = committing;
    }

    /** Returns how often locations were moved. */
    long moveCalls() {
        return moveCalls;
    }

    @Override
    public void move(List<Move> moves) throws IOException {
        moveCalls++;
        List<Move> live = ledger.stillLive(moves);
        write(
                live.stream().map(Move::key).toList(),
                live.stream().<ValueLocation>map(Move::to).toList());
    }

    @Override
    public boolean isStaged(long fileId) {
        questions++;
        return false;
    }

    @Override
    public void release(long fileId) {}

    @Override
    public Snapshot snapshot() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void indexIsLost(IOException cause) {
        throw new UnsupportedOperationException();
    }
}
