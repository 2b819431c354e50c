/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files that the next sync has to make durable, and whether file names were created or deleted.
 *
 * <p>Sealed files stay open until they are synced, because the operating system may drop the error of a failed write
 * when the file is closed. Their number is limited, so that a log that is never synced does not keep all of its files
 * open; beyond the limit the oldest are reopened for the sync.
 *
 * <p>Thread-safe.
 */
final class UnsyncedFiles {

    private final int maxHeld;
    private final Map<Long, VLogFile> files = new LinkedHashMap<>();
    private final Map<Long, OpenFile> held = new LinkedHashMap<>();
    private boolean names;

    /** Saves a lookup for the active file, which is added with every record. */
    private @Nullable VLogFile lastAdded;

    UnsyncedFiles(int maxHeld) {
        this.maxHeld = maxHeld;
    }

    /** The files of one sync; the caller releases the held ones. */
    record Batch(List<VLogFile> files, List<OpenFile> held, boolean names) {}

    synchronized void add(VLogFile file) {
        if (file != lastAdded) {
            files.put(file.fileId(), file);
            lastAdded = file;
        }
    }

    /**
     * Adds all existing files, because an earlier process may have been killed before it synced its writes. Uncommitted
     * files are included: once the log ends in a higher file, their headers are checked like all others.
     */
    synchronized void distrust(List<VLogFile> found) {
        for (VLogFile file : found) {
            if (file.contents() != VLogFile.Contents.TORN) {
                add(file);
            }
        }
        namesChanged();
    }

    synchronized void namesChanged() {
        names = true;
    }

    /** Takes over an open file that the writer has sealed. */
    synchronized void hold(VLogFile file, OpenFile open) {
        if (!files.containsKey(file.fileId())) {
            open.close();
            return;
        }
        held.put(file.fileId(), open);
        if (held.size() > maxHeld) {
            giveBack(held.keySet().iterator().next());
        }
    }

    /** Removes a file that is deleted and so need not become durable; returns whether it was listed. */
    synchronized boolean remove(long fileId) {
        boolean wasUnsynced = files.remove(fileId) != null;
        lastAdded = null;
        giveBack(fileId);
        return wasUnsynced;
    }

    synchronized Batch take() {
        Batch batch = new Batch(new ArrayList<>(files.values()), new ArrayList<>(held.values()), names);
        files.clear();
        held.clear();
        names = false;
        lastAdded = null;
        return batch;
    }

    void close() {
        take().held().forEach(OpenFile::close);
    }

    private void giveBack(long fileId) {
        OpenFile open = held.remove(fileId);
        if (open != null) {
            open.close();
        }
    }
}
