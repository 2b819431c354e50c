/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.util.List;

/**
 * The ends at which a log grows, each with a file of its own, so that records which live long, which live short, and which
 * have been relocated are apart.
 *
 * <p>Not thread-safe: the log's write lock guards it, except where it says otherwise.
 */
final class LogEnds {

    private final LogFiles files;
    private final LogWriter longLived;
    private final LogWriter shortLived;
    private final LogWriter relocated;
    private final List<LogWriter> all;

    LogEnds(LogFiles files, LogWriter longLived, LogWriter shortLived, LogWriter relocated) {
        this.files = files;
        this.longLived = longLived;
        this.shortLived = shortLived;
        this.relocated = relocated;
        this.all = List.of(longLived, shortLived, relocated);
    }

    LogWriter appending(Lifetime lifetime) {
        return lifetime == Lifetime.SHORT ? shortLived : longLived;
    }

    LogWriter relocating() {
        return relocated;
    }

    void drain() throws IOException {
        for (LogWriter writer : all) {
            writer.drain();
        }
    }

    void keepUndrained() {
        all.forEach(LogWriter::keepUndrained);
    }

    VLogTail tail() {
        return new VLogTail(longLived.end(), shortLived.end(), relocated.end(), files.highestFileId());
    }

    /** Any thread. */
    boolean isActive(long fileId) {
        return longLived.isActive(fileId) || shortLived.isActive(fileId) || relocated.isActive(fileId);
    }

    /** The size at which a file started now would be sealed. Any thread. */
    long targetFileBytes() {
        return longLived.targetBytes();
    }

    /** Gives the files back. */
    void close() {
        all.forEach(LogWriter::close);
    }
}
