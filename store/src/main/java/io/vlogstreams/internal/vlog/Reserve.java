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
 * Room on the disk that is kept for relocated records: a file whose bytes mean nothing, cut when a write finds the disk
 * full. Cleanup copies before it deletes, so without it a full disk would stay full.
 *
 * <p>It has the size of a VLog file, for the live records of one are what must be copied before a file can go. Whatever
 * becomes of it, in a crash or by hand, costs no more than that room: a missing or short one is as good as one that was
 * used.
 *
 * <p>Thread-safe. Its monitor is taken behind the write locks of the log, and held while bytes are handed to the
 * operating system, never while waiting for the disk.
 */
public final class Reserve {

    /** Not the name of a VLog file, so whoever looks for those leaves it alone. */
    static final String NAME = "reserve";

    /** What is written at a time. */
    private static final int STEP_BYTES = 1 << 20;

    /** What is cut at least: a step of a relocation, and what the index writes for it. */
    private static final long PIECE_BYTES = 2L << 20;

    /** With less room than this beside what is to be written the disk counts as full. */
    private static final long MAX_MARGIN_BYTES = 1L << 20;

    private static final int MARGIN_DIVISOR = 4;

    /** So much room nobody takes up while the index is written once. */
    private static final long AMPLE_BYTES = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);

    private final Storage storage;

    /** Held while there is room from the reserve: a put would take it. */
    private final Lock puts;

    /**
     * Other bytes every time: a file system that compresses, or stores equal blocks once, must find nothing to save.
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

    /** A write that can be made again after it has failed. */
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
     * Looks whether an earlier process has left one; changes nothing.
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
            throw e; // in no store's interest: it was put there
        } catch (IOException e) {
            LOG.debug("Cannot look at the reserve in {}", storage.location(), e);
        }
    }

    /** Its size. Any thread, at no cost. */
    public long bytes() {
        return bytes;
    }

    /** Whether some of it was used, and not all of that has been given back. Any thread, at no cost. */
    public boolean isInUse() {
        return inUse;
    }

    /** Relocation begins: from now on there is to be a reserve of this size, as far as there is room. */
    public synchronized void keep(long wantedBytes) {
        kept = true;
        targetBytes = wantedBytes;
        // It need not follow each byte by which the log grows.
        due = inUse || bytes < wantedBytes - wantedBytes / 4 || bytes > 2 * wantedBytes;
    }

    /** Files were deleted: the room that they gave is the reserve's first, if one is kept. */
    public synchronized void keepAfterDeletion(long wantedBytes) {
        if (kept) {
            keep(wantedBytes);
        }
    }

    /** Whether the disk is so full that room from the reserve may be needed soon. */
    public boolean isNeededSoon() {
        return storage.usableBytes() < AMPLE_BYTES;
    }

    /** Whether {@link #grow()} has something to do. Any thread, at no cost. */
    public boolean isDue() {
        return due;
    }

    /**
     * Writes some of what it lacks, in a short time. Never takes the last room of the disk: what there is then is the
     * application's, and the index needs some, too.
     *
     * @return whether there is more to be done
     */
    public synchronized boolean grow() {
        if (due) {
            try {
                due = growOrCut();
            } catch (ForeignFileException e) {
                LOG.warn("There can be no reserve for a full disk: {}", e.getMessage());
                due = false;
            } catch (IOException | RuntimeException e) {
                // Cleanup does without it, as it would if there was no room.
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
     * Makes the write, and if it fails because the disk is full, again with pieces of the reserve, as long as it has
     * any.
     *
     * @param neededBytes what the write takes, as far as this is known
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

    /** The same for a write of which only this is known, that it is short. */
    void writing(Write write) throws IOException {
        writing(0, () -> {
            write.run();
            return true;
        });
    }

    /** Not in turn with {@link #grow()}, which would take back what is meant for the write. */
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
     * Cuts a piece off the reserve if the disk is full. For what had better not fail at all, such as a write to the
     * index.
     *
     * @return whether there is more room by it
     */
    public synchronized boolean makeRoom(long neededBytes) {
        long before = bytes;
        long missing = before == 0 ? 0 : neededBytes + marginBytes() - storage.usableBytes();
        if (missing <= 0) {
            return false; // there is room, so something else is wrong
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

    /** What is left of it after something went wrong is not known otherwise. */
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
