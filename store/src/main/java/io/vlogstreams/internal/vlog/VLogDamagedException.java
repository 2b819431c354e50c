/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.io.Serial;

/**
 * A VLog file as a whole is not what it must be, so the log cannot be opened or not go on. The message names the file,
 * the offset, what was expected, what was found and what to do; {@link #kind()} tells the cases apart.
 */
public final class VLogDamagedException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final String REBUILD =
            "the store's files are incomplete or damaged: rebuild the store from its source";
    private static final String TOO_NEW =
            "the file was written by a newer or different program: use that program, or rebuild the store from its source";

    /** What is wrong with the file. */
    public enum Kind {
        /** The file in which the committed log ends does not exist. */
        FILE_MISSING("committed length", REBUILD),
        /** The file ends before the committed end of the log, or before bytes that were written to it. */
        FILE_TOO_SHORT("length", REBUILD),
        /** There are not exactly as many header bytes as a header has. */
        WRONG_HEADER_SIZE("header size", REBUILD),
        /** It does not begin as a VLog file does. */
        WRONG_MAGIC(
                "magic", "this is no VLog file, or a damaged one: move it away, or rebuild the store from its source"),
        /** A format version that this program does not know. */
        UNKNOWN_VERSION("format version", TOO_NEW),
        /** The id inside the file is not the one in its name. */
        WRONG_FILE_ID(
                "file id", "the file was renamed, copied or damaged: give it back its name, or rebuild the store"),
        /** A compression that this program does not know, or not in a file of this version. */
        UNKNOWN_COMPRESSION("compression", TOO_NEW),
        /** The header's bytes are not those that its checksum was made of. */
        WRONG_HEADER_CHECKSUM("header checksum", REBUILD),
        /** Bytes that have no meaning in this format are in use. */
        RESERVED_BYTES_IN_USE("reserved bytes", TOO_NEW);

        private final String field;
        private final String advice;

        Kind(String field, String advice) {
            this.field = field;
            this.advice = advice;
        }
    }

    private final Kind kind;

    VLogDamagedException(Kind kind, String file, long offset, String expected, String found) {
        super("VLog file " + file + ", offset " + offset + ": expected " + kind.field + " " + expected + ", found "
                + found + "; " + kind.advice);
        this.kind = kind;
    }

    /** For the caller of the log, who knows of a file that the log cannot know to be missing. */
    public VLogDamagedException(String message) {
        super(message);
        this.kind = Kind.FILE_MISSING;
    }

    public Kind kind() {
        return kind;
    }
}
