/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file of {@link OpenFiles}, shared by its users. Each user must {@link #close} it, which releases it. A
 * retired file accepts no new users, and its last user closes it.
 *
 * <p>Thread-safe; acquiring and giving back are lock-free.
 */
final class OpenFile implements AutoCloseable {

    /** Set in {@link #users}, beside the number of users, when the file is retired. */
    private static final int RETIRED = 1 << 31;

    private final long fileId;
    private final StorageFile file;
    private final OpenFiles owner;
    private final AtomicInteger users = new AtomicInteger(1);
    /** In units of {@link OpenFiles#openings()}: reading a clock would take longer than everything else here. */
    private volatile long lastUsed;

    /** What follows its closing. Written before it is retired, and read after. */
    private Runnable whenClosed = () -> {};

    /** Creates an open file with its first user. */
    OpenFile(long fileId, StorageFile file, OpenFiles owner) {
        this.fileId = fileId;
        this.file = file;
        this.owner = owner;
        this.lastUsed = owner.openings();
    }

    long fileId() {
        return fileId;
    }

    StorageFile file() {
        return file;
    }

    long lastUsed() {
        return lastUsed;
    }

    boolean isIdle() {
        return users.get() == 0;
    }

    boolean tryAcquire() {
        int current = users.get();
        while ((current & RETIRED) == 0) {
            int seen = users.compareAndExchange(current, current + 1);
            if (seen == current) {
                return true;
            }
            current = seen;
        }
        return false;
    }

    /** Releases the file. */
    @Override
    public void close() {
        long now = owner.openings();
        if (lastUsed != now) {
            lastUsed = now;
        }
        int left = users.decrementAndGet();
        if (left == RETIRED) {
            end();
        } else if (left == 0) {
            owner.becameIdle();
        }
    }

    /** Retires the file if it has no users. */
    boolean retireIfIdle() {
        if (!users.compareAndSet(0, RETIRED)) {
            return false;
        }
        owner.closeFile(this);
        return true;
    }

    /**
     * Retires the file; its users may continue. Called at most once, and not after a successful retireIfIdle.
     *
     * @param whenClosed run after the last user has released the file
     */
    void retire(Runnable whenClosed) {
        this.whenClosed = whenClosed;
        if (users.getAndUpdate(current -> current | RETIRED) == 0) {
            end();
        }
    }

    private void end() {
        owner.closeFile(this);
        whenClosed.run();
    }
}
