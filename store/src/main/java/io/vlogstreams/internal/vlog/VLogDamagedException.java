/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.io.Serial;

/**
 * A VLog file as a whole is damaged, so the log cannot be opened or continued. The message has the file, the offset,
 * the expected and the found data, and what to do; {@link #kind()} distinguishes the cases.
 */
public final class VLogDamagedException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final String REBUILD =
            "the store's files are incomplete or damaged: rebuild the store from its source";
    private static final String TOO_NEW =
            "the file was written by a newer or different program: use that program, or rebuild the store from its source";

    /** The kind of damage. */
    public enum Kind {
        /** The file in which the committed log ends does not exist. */
        FILE_MISSING("committed length", REBUILD),
        /** The file ends before the committed end of the log, or before bytes that were written to it. */
        FILE_TOO_SHORT("length", REBUILD),
        /** The header does not have exactly the size of a header. */
        WRONG_HEADER_SIZE("header size", REBUILD),
        /** The file does not start like a VLog file. */
        WRONG_MAGIC(
                "magic", "this is no VLog file, or a damaged one: move it away, or rebuild the store from its source"),
        /** A format version that this library does not support. */
        UNKNOWN_VERSION("format version", TOO_NEW),
        /** The id in the file is not the one in its name. */
        WRONG_FILE_ID(
                "file id", "the file was renamed, copied or damaged: give it back its name, or rebuild the store"),
        /** A compression that this library does not support, or not in a file of this version. */
        UNKNOWN_COMPRESSION("compression", TOO_NEW),
        /** The checksum of the header does not match its bytes. */
        WRONG_HEADER_CHECKSUM("header checksum", REBUILD),
        /** Bytes that this format does not use are not zero. */
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

    /** For callers of the log, who may know of a missing file that the log does not know. */
    public VLogDamagedException(String message) {
        super(message);
        this.kind = Kind.FILE_MISSING;
    }

    public Kind kind() {
        return kind;
    }
}
