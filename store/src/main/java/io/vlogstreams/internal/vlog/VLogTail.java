/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * Where the log ends: kept in the commit point of the index. It has three ends, because records that are expected to
 * live short, and relocated ones, go to files of their own, and each stream of records has one file in which it goes
 * on.
 *
 * <p>Immutable.
 *
 * @param longLived the end of what is appended
 * @param shortLived the end of what is appended and expected to be overwritten soon
 * @param relocated the end of what is relocated
 * @param highestFileId the highest id ever used, 0 if none. Files with higher ids came later and are not part of the
 *     log
 */
public record VLogTail(End longLived, End shortLived, End relocated, long highestFileId) {

    /** The end of a log that has no file yet. */
    public static final VLogTail EMPTY = new VLogTail(End.NONE, End.NONE, End.NONE, 0);

    /**
     * One of the ends.
     *
     * @param fileId the active file, 0 if there is none
     * @param length its length in bytes, with the header; 0 if there is none. What the file holds behind it is not part
     *     of the log
     */
    public record End(long fileId, long length) {

        /** No file. */
        public static final End NONE = new End(0, 0);

        private boolean isWithin(long highestFileId) {
            return fileId >= 0 && fileId <= highestFileId && (fileId == 0 ? length == 0 : length >= FileHeader.BYTES);
        }

        private End unlessIn(long id) {
            return fileId == id ? NONE : this;
        }

        private boolean isOtherFileThan(End other) {
            return fileId == 0 || fileId != other.fileId;
        }

        @Override
        public String toString() {
            return fileId == 0 ? "none" : "file " + fileId + " @" + length;
        }
    }

    public VLogTail {
        boolean within = longLived.isWithin(highestFileId)
                && shortLived.isWithin(highestFileId)
                && relocated.isWithin(highestFileId);
        boolean distinct = longLived.isOtherFileThan(shortLived)
                && longLived.isOtherFileThan(relocated)
                && shortLived.isOtherFileThan(relocated);
        if (!within || !distinct || highestFileId > FileName.MAX_ID) {
            throw new IllegalArgumentException("No log can end at " + describe(longLived, shortLived, relocated)
                    + ", highest file id " + highestFileId);
        }
    }

    /** The end of a log in which nothing was expected to live short, and nothing was relocated. */
    public VLogTail(long fileId, long length, long highestFileId) {
        this(new End(fileId, length), End.NONE, End.NONE, highestFileId);
    }

    /** Whether the file is one of those in which the log goes on. */
    public boolean isActive(long id) {
        return id != 0 && (id == longLived.fileId || id == shortLived.fileId || id == relocated.fileId);
    }

    /** The same ends of what is appended, but none in that sealed file, with the end that relocated records have now. */
    public VLogTail withRelocatedAsOf(VLogTail now, long without) {
        return new VLogTail(
                longLived.unlessIn(without), shortLived.unlessIn(without), now.relocated, now.highestFileId);
    }

    /** Where an active file ends. */
    long lengthOf(long activeFileId) {
        if (activeFileId == longLived.fileId) {
            return longLived.length;
        }
        return activeFileId == shortLived.fileId ? shortLived.length : relocated.length;
    }

    @Override
    public String toString() {
        return describe(longLived, shortLived, relocated) + ", highest file " + highestFileId;
    }

    private static String describe(End longLived, End shortLived, End relocated) {
        return longLived + ", short-lived " + shortLived + ", relocated " + relocated;
    }
}
