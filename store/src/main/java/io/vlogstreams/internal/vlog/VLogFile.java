/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * One file of the log: id, path and logical length. It has no handle.
 *
 * <p>Thread-safe. The length grows only while the file is active, and only by its one writer.
 */
final class VLogFile {

    /** What a file holds. */
    enum Contents {
        /** Records that belong to the log. */
        RECORDS,
        /** Nothing valid: the file comes after the committed end of the log, after a crash. */
        UNCOMMITTED,
        /** The same, without a whole header: a crash came just after the file was created. */
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

    /** Returns how the values are stored; meaningless if there are no readable records. */
    CompressionType compression() {
        return compression;
    }

    /** Returns the logical length in bytes, including the header. */
    long length() {
        return length;
    }

    /** Returns the end of the bytes that a pointer may name. */
    long readableLength() {
        return contents == Contents.RECORDS ? length : 0;
    }

    boolean holdsRecords() {
        return readableLength() > FileHeader.BYTES;
    }

    /** Called by the writer when the bytes up to there can be read. */
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

    /** Returns the path, for messages. */
    @Override
    public String toString() {
        return path;
    }
}
