/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import io.vlogstreams.internal.engine.StagedWrites.Snapshot;
import io.vlogstreams.internal.engine.StagedWrites.Version;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** A cursor over a snapshot of the staged writes. For one thread at a time. */
final class StagedCursor {

    private final Iterator<StagedEntry> entries;
    private final Snapshot snapshot;
    private byte @Nullable [] key;
    private @Nullable ValueLocation location;

    StagedCursor(Iterator<StagedEntry> entries, Snapshot snapshot) {
        this.entries = entries;
        this.snapshot = snapshot;
        advance();
    }

    boolean isValid() {
        return key != null;
    }

    byte[] key() {
        if (key == null) {
            throw new NoSuchElementException();
        }
        return key;
    }

    /** Returns the current location; null if the key is deleted. */
    @Nullable
    ValueLocation location() {
        return location;
    }

    void advance() {
        while (entries.hasNext()) {
            StagedEntry entry = entries.next();
            Version version = snapshot.visible(entry);
            if (version != null) {
                key = entry.key();
                location = version.location();
                return;
            }
        }
        key = null;
        location = null;
    }
}
