/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * Where the log ends: kept in the commit point of the index.
 *
 * <p>Immutable.
 *
 * @param fileId the active file, 0 if there has been none yet
 * @param length its length in bytes, with the header; 0 if there has been no file yet. What the file holds behind it is
 *     not part of the log
 * @param highestFileId the highest id ever used, 0 if none. It is above {@code fileId} when files came after it that a
 *     crash took back
 */
public record VLogTail(long fileId, long length, long highestFileId) {

    /** The end of a log that has no file yet. */
    public static final VLogTail EMPTY = new VLogTail(0, 0, 0);

    public VLogTail {
        boolean right = fileId >= 0
                && fileId <= highestFileId
                && highestFileId <= FileName.MAX_ID
                && (fileId == 0 ? length == 0 : length >= FileHeader.BYTES);
        if (!right) {
            throw new IllegalArgumentException(
                    "No log can end at file " + fileId + ", length " + length + ", highest file id " + highestFileId);
        }
    }

    @Override
    public String toString() {
        return "file " + fileId + " @" + length + ", highest file " + highestFileId;
    }
}
