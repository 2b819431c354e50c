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
 * The reading side of a store: the staged writes over the index over the VLog. Any thread; takes no lock that a writer
 * holds while it works.
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
            // Cleanup deleted the file after the location was looked up; then there is a newer one.
            return getPinned(key);
        }
    }

    /** With a pin from before the key is looked up, its file cannot be deleted: one that is not there is lost. */
    private byte @Nullable [] getPinned(byte[] key) throws IOException {
        Pin pin = pins.take();
        try {
            return valueAt(key, locationOf(key));
        } finally {
            pin.close();
        }
    }

    private @Nullable ValueLocation locationOf(byte[] key) throws IOException {
        // Staged first: what leaves it is in the index by then.
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

    /** The value there, whose file cannot have been deleted. */
    private byte @Nullable [] valueAt(byte[] key, @Nullable ValueLocation location) throws IOException {
        damage.check();
        return location == null ? null : readPinned(key, location, null);
    }

    /** @param committed what is known of the keys in the index */
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

    /** Takes no pin: the scan never looks into a file, so whichever of them go do not matter to it. */
    KeyScan scanKeys(KeyRange range, boolean ascending) throws IOException {
        return scanNewest(range, ascending, withoutValues(ascending));
    }

    /** Neither takes a pin nor keeps the view, which has one: a cursor outlives its view. */
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

    /** Opens a scan with a pin, which comes first: from then on no file goes that the scan may name. */
    private StoreScan pinned(Opening opening) throws IOException {
        Pin pin = pins.takeForScan();
        try {
            StoreScan scan = opening.open(pin);
            // Invariant 4: after the snapshots were taken, so whatever they name is in a file up to this one.
            pin.snapshotTaken(vlog.highestFileId());
            return scan;
        } catch (Throwable e) {
            pin.close(); // an Error, too: a pin that nobody knows would hold its files for ever
            throw e;
        }
    }

    /** What kind of scan it is to be. */
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

    /** A scan of what is committed if something is staged that was restored, else null. */
    private <S extends KeyScan> @Nullable S scanRestored(KeyRange range, boolean ascending, Merging<S> merging)
            throws IOException {
        StagedWrites staged = staging.current();
        return staged.areRestored() ? scanOver(staged, range, ascending, merging) : null;
    }

    /** A scan over these staged writes and the index, or null if they are the current ones no more. */
    private <S extends KeyScan> @Nullable S scanOver(
            StagedWrites staged, KeyRange range, boolean ascending, Merging<S> merging) throws IOException {
        IndexCursor cursor = index.openCursor(range, ascending);
        StagedWrites.Snapshot snapshot = openSnapshot(staged, cursor);
        // The two make one snapshot only if no commit came to its end in between. One that is under way does no
        // harm: whatever it may have written before the cursor was opened is still staged and hides the index.
        if (staged == staging.current()) {
            return atFirst(merging.of(snapshot, snapshot.cursor(range, ascending), cursor));
        }
        cursor.close();
        snapshot.close();
        return null;
    }

    /** A scan over nothing but the index. */
    private <S extends KeyScan> S scanIndexed(IndexCursor cursor, KeyRange range, boolean ascending, Merging<S> merging)
            throws IOException {
        StagedWrites.Snapshot snapshot = openSnapshot(new StagedWrites(false), cursor);
        return atFirst(merging.of(snapshot, snapshot.cursor(range, ascending), cursor));
    }

    /** If it fails, as it may for want of memory, the cursor is closed. */
    private static StagedWrites.Snapshot openSnapshot(StagedWrites staged, IndexCursor cursor) {
        try {
            return staged.openSnapshot();
        } catch (Throwable e) {
            cursor.close();
            throw e;
        }
    }

    /** Stands at its first entry. */
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

    /** Reads the values of one scan, which may be neighbours in their file. */
    private StoreScan.ValueReader scannedValues() {
        Neighbours ahead = new Neighbours();
        return (key, location) -> readPinned(key, location, ahead);
    }

    /** Reads at a location whose file cannot have been deleted. */
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
