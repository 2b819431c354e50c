/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * The tail of a log, which is part of the commit point of the index. It has three ends, because short-lived and
 * relocated records go to files of their own, and each kind of record has one active file.
 *
 * <p>Immutable.
 *
 * @param longLived the end of ordinary appended records
 * @param shortLived the end of appended records that are expected to be overwritten soon
 * @param relocated the end of relocated records
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
     * @param length its length in bytes, including the header; 0 if there is none. Bytes of the file past it are not
     *     part of the log
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

    /** Creates the tail of a log without short-lived and relocated records. */
    public VLogTail(long fileId, long length, long highestFileId) {
        this(new End(fileId, length), End.NONE, End.NONE, highestFileId);
    }

    /** Returns whether the file is active in this tail. */
    public boolean isActive(long id) {
        return id != 0 && (id == longLived.fileId || id == shortLived.fileId || id == relocated.fileId);
    }

    /** Returns this tail without an end in that sealed file, and with the other's relocated end and highest id. */
    public VLogTail withRelocatedAsOf(VLogTail now, long without) {
        return new VLogTail(
                longLived.unlessIn(without), shortLived.unlessIn(without), now.relocated, now.highestFileId);
    }

    /** Returns the end of an active file. */
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
