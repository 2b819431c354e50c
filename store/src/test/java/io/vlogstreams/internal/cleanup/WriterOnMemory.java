/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
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
        put(key, new Separated(0, vlog.append(key, value)));
    }

    private void put(byte[] key, ValueLocation location) throws IOException {
        SpaceLedger.Change change = ledger.newChange();
        try (IndexBatch batch = index.newBatch()) {
            change.replaced(index.get(key), location);
            batch.put(key, location);
            index.write(batch, false);
        }
        change.applied();
    }

    /** How often it was asked whether a file is settled. */
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

    /** How often locations were moved. */
    long moveCalls() {
        return moveCalls;
    }

    @Override
    public void move(List<Move> moves) throws IOException {
        moveCalls++;
        for (Move move : ledger.stillLive(moves)) {
            put(move.key(), move.to());
        }
    }

    @Override
    public boolean isSettled(long fileId) {
        questions++;
        VLogFileInfo file = vlog.file(fileId);
        return file != null && !file.active();
    }

    @Override
    public long settledUpTo() {
        return vlog.tail().highestFileId();
    }

    @Override
    public Snapshot snapshot() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void indexIsLost(IOException cause) {
        throw new UnsupportedOperationException();
    }
}
