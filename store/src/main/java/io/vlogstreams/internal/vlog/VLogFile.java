/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * One file of the log, as the log knows it: id, path and logical length. Knows nothing of handles.
 *
 * <p>Thread-safe. The length grows only while the file is active, and only by its one writer.
 */
final class VLogFile {

    /** What may be read from a file. */
    enum Contents {
        /** Records that belong to the log. */
        RECORDS,
        /** Nothing: the file came after the committed end of the log, and a crash took it back. */
        UNCOMMITTED,
        /** Nothing, as before, and there is not even a whole header: a crash came just after the file was created. */
        TORN
    }

    private final long fileId;
    private final String path;
    private final Contents contents;
    private final CompressionType compression;
    private volatile long length;
    private volatile boolean gone;

    VLogFile(long fileId, String location, Contents contents, CompressionType compression, long length) {
        this.fileId = fileId;
        this.path = location + "/" + FileName.of(fileId);
        this.contents = contents;
        this.compression = compression;
        this.length = length;
    }

    long fileId() {
        return fileId;
    }

    Contents contents() {
        return contents;
    }

    /** How its values are stored; without meaning if there are no records to be read. */
    CompressionType compression() {
        return compression;
    }

    /** The length in bytes as the log sees it, header included. */
    long length() {
        return length;
    }

    /** The end of the last byte that a pointer may name. */
    long readableLength() {
        return contents == Contents.RECORDS ? length : 0;
    }

    boolean holdsRecords() {
        return readableLength() > FileHeader.BYTES;
    }

    /** Called by the writer, when the bytes up to there can be read. */
    void extendTo(long newLength) {
        length = newLength;
    }

    /** Called when the file is no part of the log any more: another one may get its bytes. */
    void goes() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    /** The path, for messages. */
    @Override
    public String toString() {
        return path;
    }
}
