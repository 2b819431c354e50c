/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * Where the log ends: kept in the commit point of the index. It has two ends, because relocated records go to files of
 * their own, and each stream of records has one file in which it goes on.
 *
 * <p>Immutable.
 *
 * @param fileId the active file of appended records, 0 if there has been none yet
 * @param length its length in bytes, with the header; 0 if there has been no file yet. What the file holds behind it is
 *     not part of the log
 * @param relocationFileId the active file of relocated records, 0 if there is none
 * @param relocationLength its length in the same sense
 * @param highestFileId the highest id ever used, 0 if none. Files with higher ids came later and are not part of the log
 */
public record VLogTail(long fileId, long length, long relocationFileId, long relocationLength, long highestFileId) {

    /** The end of a log that has no file yet. */
    public static final VLogTail EMPTY = new VLogTail(0, 0, 0);

    public VLogTail {
        boolean right = isEnd(fileId, length, highestFileId)
                && isEnd(relocationFileId, relocationLength, highestFileId)
                && (fileId == 0 || fileId != relocationFileId)
                && highestFileId <= FileName.MAX_ID;
        if (!right) {
            throw new IllegalArgumentException("No log can end at file " + fileId + ", length " + length
                    + ", relocation file " + relocationFileId + ", length " + relocationLength + ", highest file id "
                    + highestFileId);
        }
    }

    /** The end of a log without relocated records. */
    public VLogTail(long fileId, long length, long highestFileId) {
        this(fileId, length, 0, 0, highestFileId);
    }

    private static boolean isEnd(long fileId, long length, long highestFileId) {
        return fileId >= 0 && fileId <= highestFileId && (fileId == 0 ? length == 0 : length >= FileHeader.BYTES);
    }

    /** Whether the file is one of those in which the log goes on. */
    public boolean isActive(long id) {
        return id != 0 && (id == fileId || id == relocationFileId);
    }

    /** The same end of what is appended, with the end that relocated records have now. */
    public VLogTail withRelocatedAsOf(VLogTail now) {
        return new VLogTail(fileId, length, now.relocationFileId, now.relocationLength, now.highestFileId);
    }

    /** Where an active file ends. */
    long lengthOf(long activeFileId) {
        return activeFileId == fileId ? length : relocationLength;
    }

    @Override
    public String toString() {
        String relocation =
                relocationFileId == 0 ? "" : ", relocation file " + relocationFileId + " @" + relocationLength;
        return "file " + fileId + " @" + length + relocation + ", highest file " + highestFileId;
    }
}
