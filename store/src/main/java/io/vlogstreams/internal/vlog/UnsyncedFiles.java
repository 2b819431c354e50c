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
 * What the next sync has to make durable: files, and whether names were created or deleted.
 *
 * <p>The sealed ones among the files are kept open until then, because the operating system may forget a failed write
 * when nobody has the file open. There is a limit to that, so that a log that is never synced does not hold all its
 * files open; beyond it the oldest are opened again for the sync.
 *
 * <p>Thread-safe.
 */
final class UnsyncedFiles {

    private final int maxHeld;
    private final Map<Long, VLogFile> files = new LinkedHashMap<>();
    private final Map<Long, OpenFile> held = new LinkedHashMap<>();
    private boolean names;

    /** Saves the look-up for the file being written, which is added with every record. */
    private @Nullable VLogFile lastAdded;

    UnsyncedFiles(int maxHeld) {
        this.maxHeld = maxHeld;
    }

    /** Everything to be synced, taken out; who takes it gives the held files back. */
    record Batch(List<VLogFile> files, List<OpenFile> held, boolean names) {}

    synchronized void add(VLogFile file) {
        if (file != lastAdded) {
            files.put(file.fileId(), file);
            lastAdded = file;
        }
    }

    /**
     * The process before may have been killed before it synced what it wrote: the first sync does that too. Uncommitted
     * files are no exception: once the log ends in a higher file, their headers are checked like all others.
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

    /** Takes over the writer's hold on a file that it has sealed. */
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

    /** A file that is deleted need not become durable; returns whether it had to. */
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
