/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.cleanup.Pins;
import io.vlogstreams.internal.cleanup.Pins.Pin;
import io.vlogstreams.internal.engine.StagedWrites.Version;
import io.vlogstreams.internal.index.EntryCount;
import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.vlog.CorruptRecordException;
import io.vlogstreams.internal.vlog.FileGoneException;
import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.KeyText;
import io.vlogstreams.internal.vlog.Neighbours;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The reading side of a store. It merges the staged writes over the index and reads values from the VLog. Thread-safe;
 * takes no lock that the writer holds during its work.
 */
final class StoreReader {

    private final Damage damage;
    private final String storeName;
    private final ValueFormats formats;
    private final Staging staging;
    private final LocationIndex index;
    private final CommittedView committed;
    private final VLog vlog;
    private final Pins pins;

    StoreReader(
            Damage damage,
            String storeName,
            ValueFormats formats,
            Staging staging,
            LocationIndex index,
            CommittedView committed,
            VLog vlog,
            Pins pins) {
        this.damage = damage;
        this.storeName = storeName;
        this.formats = formats;
        this.staging = staging;
        this.index = index;
        this.committed = committed;
        this.vlog = vlog;
        this.pins = pins;
    }

    byte @Nullable [] get(byte[] key) throws IOException {
        ValueLocation location = locationOf(key);
        try {
            return location == null ? null : read(key, location, null);
        } catch (FileGoneException e) {
            // The cleanup deleted the file after the lookup, so there is a newer location.
            return getPinned(key);
        }
    }

    /** Gets with a pin that is taken before the lookup, so that the file cannot be deleted: a missing file is lost. */
    private byte @Nullable [] getPinned(byte[] key) throws IOException {
        Pin pin = pins.take();
        try {
            return valueAt(key, locationOf(key));
        } finally {
            pin.close();
        }
    }

    private @Nullable ValueLocation locationOf(byte[] key) throws IOException {
        // Staged writes first: when they leave the map they are already in the index.
        Version version = staging.current().get(key);
        if (version != null) {
            return version.location();
        }
        ValueLocation location = index.get(key);
        damage.check();
        return location;
    }

    byte @Nullable [] getCommitted(byte[] key) throws IOException {
        Pin pin = pins.take();
        try {
            StagedWrites staged = staging.current();
            Version restored = staged.areRestored() ? staged.get(key) : null;
            return restored != null
                    ? valueAt(key, restored.location())
                    : committed.read(key, location -> valueAt(key, location));
        } finally {
            pin.close();
        }
    }

    /** Reads a value whose file cannot have been deleted. */
    private byte @Nullable [] valueAt(byte[] key, @Nullable ValueLocation location) throws IOException {
        damage.check();
        return location == null ? null : readPinned(key, location, null);
    }

    /** @param committed the counters for the keys in the index */
    long approximateEntries(EntryCount committed) throws IOException {
        long entries = committed.approximate(index.approximateEntries());
        return Math.max(0, entries + staging.current().approximateNewKeys());
    }

    StoreScan scan(KeyRange range, boolean ascending) throws IOException {
        return pinned(pin -> scanNewest(range, ascending, withValues(pin::close, ascending)));
    }

    StoreScan scanCommitted(KeyRange range, boolean ascending) throws IOException {
        return pinned(pin -> {
            StoreScan restored = scanRestored(range, ascending, withValues(pin::close, ascending));
            if (restored != null) {
                return restored;
            }
            CommittedView.Opened opened = committed.openCursor(range, ascending);
            Runnable hold = () -> {
                opened.release().run();
                pin.close();
            };
            return scanIndexed(opened.cursor(), range, ascending, withValues(hold, ascending));
        });
    }

    private Merging<StoreScan> withValues(Runnable release, boolean ascending) {
        return (snapshot, staged, cursor) ->
                new StoreScan(snapshot, staged, cursor, release, scannedValues(), ascending);
    }

    /** Takes no pin, because the scan reads no VLog file. */
    KeyScan scanKeys(KeyRange range, boolean ascending) throws IOException {
        return scanNewest(range, ascending, withoutValues(ascending));
    }

    /** Takes no pin, and leaves the committed view immediately: a cursor outlives its view. */
    KeyScan scanKeysCommitted(KeyRange range, boolean ascending) throws IOException {
        KeyScan restored = scanRestored(range, ascending, withoutValues(ascending));
        if (restored != null) {
            return restored;
        }
        CommittedView.Opened opened = committed.openCursor(range, ascending);
        opened.release().run();
        return scanIndexed(opened.cursor(), range, ascending, withoutValues(ascending));
    }

    private static Merging<KeyScan> withoutValues(boolean ascending) {
        return (snapshot, staged, cursor) -> new KeyScan(snapshot, staged, cursor, () -> {}, ascending);
    }

    private interface Opening {
        StoreScan open(Pin pin) throws IOException;
    }

    /** Opens a scan with a pin. The pin comes first, so that no file that the scan names is deleted. */
    private StoreScan pinned(Opening opening) throws IOException {
        Pin pin = pins.takeForScan();
        try {
            StoreScan scan = opening.open(pin);
            // Invariant 4: after the snapshots, so that they name no file with a higher id.
            pin.snapshotTaken(vlog.highestFileId());
            return scan;
        } catch (Throwable e) {
            pin.close(); // also after an Error: a lost pin would hold its files for ever
            throw e;
        }
    }

    /** Creates a scan of some kind. */
    private interface Merging<S extends KeyScan> {
        S of(StagedWrites.Snapshot snapshot, StagedCursor staged, IndexCursor cursor);
    }

    private <S extends KeyScan> S scanNewest(KeyRange range, boolean ascending, Merging<S> merging) throws IOException {
        while (true) {
            S scan = scanOver(staging.current(), range, ascending, merging);
            if (scan != null) {
                return scan;
            }
        }
    }

    /** Returns a scan of committed data if restored records are staged, otherwise null. */
    private <S extends KeyScan> @Nullable S scanRestored(KeyRange range, boolean ascending, Merging<S> merging)
            throws IOException {
        StagedWrites staged = staging.current();
        return staged.areRestored() ? scanOver(staged, range, ascending, merging) : null;
    }

    /** Returns a scan over these staged writes and the index, or null if they are no longer the current ones. */
    private <S extends KeyScan> @Nullable S scanOver(
            StagedWrites staged, KeyRange range, boolean ascending, Merging<S> merging) throws IOException {
        IndexCursor cursor = index.openCursor(range, ascending);
        StagedWrites.Snapshot snapshot = openSnapshot(staged, cursor);
        // The two form one snapshot only if no commit ended in between. A commit under way does no harm: whatever it
        // has written to the index before the cursor was opened is still staged and hides the index.
        if (staged == staging.current()) {
            return atFirst(merging.of(snapshot, snapshot.cursor(range, ascending), cursor));
        }
        cursor.close();
        snapshot.close();
        return null;
    }

    /** Returns a scan over the index alone. */
    private <S extends KeyScan> S scanIndexed(IndexCursor cursor, KeyRange range, boolean ascending, Merging<S> merging)
            throws IOException {
        StagedWrites.Snapshot snapshot = openSnapshot(new StagedWrites(false), cursor);
        return atFirst(merging.of(snapshot, snapshot.cursor(range, ascending), cursor));
    }

    /** Opens a snapshot; if that fails, for example for lack of memory, closes the cursor. */
    private static StagedWrites.Snapshot openSnapshot(StagedWrites staged, IndexCursor cursor) {
        try {
            return staged.openSnapshot();
        } catch (Throwable e) {
            cursor.close();
            throw e;
        }
    }

    /** Moves the scan to its first entry. */
    private <S extends KeyScan> S atFirst(S scan) throws IOException {
        try {
            damage.check();
            scan.advance();
            return scan;
        } catch (Throwable e) {
            scan.close();
            throw e;
        }
    }

    /** Returns a reader for the values of one scan, with read-ahead. */
    private StoreScan.ValueReader scannedValues() {
        Neighbours ahead = new Neighbours();
        return (key, location) -> readPinned(key, location, ahead);
    }

    /** Reads a location whose file cannot have been deleted. */
    private byte[] readPinned(byte[] key, ValueLocation location, @Nullable Neighbours ahead) throws IOException {
        try {
            return read(key, location, ahead);
        } catch (FileGoneException e) {
            throw damaged(key, e);
        }
    }

    private byte[] read(byte[] key, ValueLocation location, @Nullable Neighbours ahead) throws IOException {
        if (location instanceof Inline inline) {
            return formats.toCurrent(inline.formatTag(), inline.value());
        }
        Separated separated = (Separated) location;
        try {
            return formats.toCurrent(separated.formatTag(), vlog.read(separated.pointer(), key, ahead));
        } catch (CorruptRecordException e) {
            throw damaged(key, e);
        }
    }

    private StoreDamagedException damaged(byte[] key, IOException cause) {
        return new StoreDamagedException(
                "store " + storeName + ", key " + KeyText.of(key) + ": " + cause.getMessage(), cause);
    }
}
