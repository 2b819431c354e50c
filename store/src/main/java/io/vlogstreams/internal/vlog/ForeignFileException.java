/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A store's folder holds something foreign under a name that a store uses, such as a link. The message names it and
 * says what to do. It was neither read nor written.
 */
public final class ForeignFileException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param expected what was expected instead, as in "a regular file"
     */
    public ForeignFileException(Path path, BasicFileAttributes found, String expected) {
        super(
                path + " is " + nameOf(found) + ", expected " + expected
                        + " that the store made itself; links are not followed, and"
                        + " nothing else is read or written: stop the application, and remove it or put what it stands for in its place");
    }

    private static String nameOf(BasicFileAttributes found) {
        if (found.isSymbolicLink()) {
            return "a symbolic link";
        }
        if (found.isDirectory()) {
            return "a directory";
        }
        return found.isRegularFile() ? "a regular file" : "a pipe, a device or another special file";
    }
}
