/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.SplittableRandom;
import java.util.concurrent.locks.Lock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disk space that is reserved for relocated records: a file with random content, which is truncated when a write finds
 * the disk full. The cleanup copies before it deletes, so without the reserve a full disk would stay full.
 *
 * <p>It has the size of a VLog file, because the live records of one must be copied before a file can be deleted. A
 * missing or short reserve, after a crash or a manual deletion, is like a used one.
 *
 * <p>Thread-safe. Its monitor is taken inside of the write locks of the log. It is held while the operating system
 * takes bytes, never while waiting for the disk.
 */
public final class Reserve {

    /** Not the name of a VLog file, so code that lists those ignores it. */
    static final String NAME = "reserve";

    /** The size of one write. */
    private static final int STEP_BYTES = 1 << 20;

    /** The least that is cut: a step of a relocation, and the index write for it. */
    private static final long PIECE_BYTES = 2L << 20;

    /** The disk counts as full if a write leaves less room than this. */
    private static final long MAX_MARGIN_BYTES = 1L << 20;

    private static final int MARGIN_DIVISOR = 4;

    /** More room than other writers can use during one write to the index. */
    private static final long AMPLE_BYTES = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);

    private final Storage storage;

    /** Held while there is room from the reserve, because a put would use it. */
    private final Lock puts;

    /**
     * The content is random, so that a file system with compression or deduplication cannot shrink it.
     */
    private final SplittableRandom random = new SplittableRandom();

    private volatile long bytes;
    private volatile boolean due;
    private volatile boolean inUse;
    private boolean kept; // guarded by this
    private long targetBytes; // guarded by this

    Reserve(Storage storage, Lock puts) {
        this.storage = storage;
        this.puts = puts;
    }

    /** A write that can be repeated after a failure. */
    @FunctionalInterface
    interface Write {
        void run() throws IOException;
    }

    /** The same, with a result. */
    @FunctionalInterface
    interface ResultingWrite<T> {
        T run() throws IOException;
    }

    /**
     * Looks for the reserve of an earlier process; changes nothing.
     *
     * @throws ForeignFileException if something else has its name
     */
    synchronized void find() throws ForeignFileException {
        try (StorageFile file = storage.open(NAME)) {
            bytes = file.size();
            targetBytes = bytes;
            kept = true;
        } catch (NoSuchFileException e) {
            LOG.trace("There is no reserve in {}", storage.location());
        } catch (ForeignFileException e) {
            throw e; // somebody put it there
        } catch (IOException e) {
            LOG.debug("Cannot look at the reserve in {}", storage.location(), e);
        }
    }

    /** Returns the size of the reserve. Any thread, at no cost. */
    public long bytes() {
        return bytes;
    }

    /** Returns whether a part was used and is not yet replaced. Any thread, at no cost. */
    public boolean isInUse() {
        return inUse;
    }

    /** Called when a relocation begins: from now on a reserve of this size is kept, as far as there is room. */
    public synchronized void keep(long wantedBytes) {
        kept = true;
        targetBytes = wantedBytes;
        // It need not follow the growth of the log exactly.
        due = inUse || bytes < wantedBytes - wantedBytes / 4 || bytes > 2 * wantedBytes;
    }

    /** Called when files were deleted: the reserve takes their room first, if one is kept. */
    public synchronized void keepAfterDeletion(long wantedBytes) {
        if (kept) {
            keep(wantedBytes);
        }
    }

    /** Returns whether the disk is so full that the reserve may be needed soon. */
    public boolean isNeededSoon() {
        return storage.usableBytes() < AMPLE_BYTES;
    }

    /** Returns whether {@link #grow()} has work to do. Any thread, at no cost. */
    public boolean isDue() {
        return due;
    }

    /**
     * Writes a part of the missing bytes, in a short time. It never uses the last room of the disk, which the
     * application and the index need.
     *
     * @return whether more bytes are missing
     */
    public synchronized boolean grow() {
        if (due) {
            try {
                due = growOrCut();
            } catch (ForeignFileException e) {
                LOG.warn("There can be no reserve for a full disk: {}", e.getMessage());
                due = false;
            } catch (IOException | RuntimeException e) {
                // The cleanup works without a reserve, as if there was no room for one.
                LOG.debug("Cannot write the reserve in {}; it is tried again later", storage.location(), e);
                due = false;
                look();
            }
        }
        return due;
    }

    private boolean growOrCut() throws IOException {
        long room = storage.usableBytes() - marginBytes();
        try (StorageFile file = open()) {
            long end = file.size();
            if (end > targetBytes) {
                file.truncate(targetBytes);
            } else if (end < targetBytes && room > 0) {
                byte[] content = new byte[(int) Math.min(STEP_BYTES, Math.min(room, targetBytes - end))];
                random.nextBytes(content);
                file.write(ByteBuffer.wrap(content), end);
            }
            bytes = file.size();
        }
        inUse &= bytes < targetBytes;
        return room > 0 && bytes < targetBytes;
    }

    private StorageFile open() throws IOException {
        try {
            return storage.open(NAME);
        } catch (NoSuchFileException e) {
            return storage.create(NAME);
        }
    }

    /**
     * Runs the write. If it fails because the disk is full, repeats it with pieces of the reserve as long as there are
     * any.
     *
     * @param neededBytes the size of the write, as far as it is known
     */
    <T> T writing(long neededBytes, ResultingWrite<T> write) throws IOException {
        try {
            return write.run();
        } catch (IOException e) {
            puts.lock();
            try {
                return writeAgain(neededBytes, write, e);
            } finally {
                puts.unlock();
            }
        }
    }

    /** The same for a write of unknown but small size. */
    void writing(Write write) throws IOException {
        writing(0, () -> {
            write.run();
            return true;
        });
    }

    /** Excludes {@link #grow()}, which would use the room that is meant for the write. */
    private synchronized <T> T writeAgain(long neededBytes, ResultingWrite<T> write, IOException reason)
            throws IOException {
        IOException failure = reason;
        while (makeRoom(neededBytes)) {
            try {
                return write.run();
            } catch (IOException e) {
                failure = e;
            }
        }
        throw failure;
    }

    /**
     * Cuts a piece off the reserve if the disk is full. For writes that should not fail at all, such as those to the
     * index.
     *
     * @return whether that made room
     */
    public synchronized boolean makeRoom(long neededBytes) {
        long before = bytes;
        long missing = before == 0 ? 0 : neededBytes + marginBytes() - storage.usableBytes();
        if (missing <= 0) {
            return false; // there is room, so the failure has another reason
        }
        try (StorageFile file = storage.open(NAME)) {
            file.truncate(Math.max(0, before - Math.max(PIECE_BYTES, missing)));
        } catch (IOException | RuntimeException e) {
            LOG.debug("Cannot cut the reserve in {}", storage.location(), e);
        }
        look();
        if (!inUse) {
            LOG.warn(
                    "VLog {}: the disk is full, and cleanup works with its reserve of {} bytes",
                    storage.location(),
                    before);
        }
        inUse = true;
        return bytes < before;
    }

    /** Looks up the current size, which is unknown after a failure. */
    private void look() {
        try (StorageFile file = storage.open(NAME)) {
            bytes = file.size();
        } catch (NoSuchFileException e) {
            bytes = 0;
        } catch (IOException | RuntimeException e) {
            LOG.debug("Cannot look at the reserve in {}", storage.location(), e);
        }
    }

    private long marginBytes() {
        return Math.min(MAX_MARGIN_BYTES, targetBytes / MARGIN_DIVISOR);
    }
}
