/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

/** An error for the user to read: its message alone says what went wrong and, if possible, what to do. */
final class ExampleFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExampleFailedException(String message) {
        super(message);
    }

    ExampleFailedException(String message, Throwable cause) {
        super(message + ": " + withRoot(cause), cause);
    }

    /** Adds the root cause to the message, because Kafka wraps exceptions. */
    private static String withRoot(Throwable cause) {
        var root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == cause ? cause.toString() : cause + ", because of " + root;
    }
}
