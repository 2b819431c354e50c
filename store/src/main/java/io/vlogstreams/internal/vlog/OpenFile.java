/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One open file of {@link OpenFiles}, shared by its users. Each has acquired it and must {@link #close} it, which gives
 * it back. When it has been retired it takes no new users, and the last one out closes the file.
 *
 * <p>Thread-safe; acquiring and giving back are lock-free.
 */
final class OpenFile implements AutoCloseable {

    /** Set in {@link #users}, beside their number, when there shall be no new ones. */
    private static final int RETIRED = 1 << 31;

    private final long fileId;
    private final StorageFile file;
    private final OpenFiles owner;
    private final AtomicInteger users = new AtomicInteger(1);
    /** As of {@link OpenFiles#openings()}: a clock would take longer to read than all else that a user pays here. */
    private volatile long lastUsed;

    /** What follows its closing. Written before it is retired, and read after. */
    private Runnable whenClosed = () -> {};

    /** Comes with its first user. */
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

    /** Gives it back. */
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

    /** Retires it if nobody uses it. */
    boolean retireIfIdle() {
        if (!users.compareAndSet(0, RETIRED)) {
            return false;
        }
        owner.closeFile(this);
        return true;
    }

    /**
     * Retires it now; whoever uses it may go on. Called at most once, and not after a successful retireIfIdle.
     *
     * @param whenClosed run after the last user has given it back
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
