/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

/** A store returned a wrong value, so its figures are worthless. */
final class WrongValueException extends RuntimeException {

    private static final long serialVersionUID = 1;

    WrongValueException(int number, int version, byte[] value) {
        super("key " + number + ": expected version " + version + ", found " + describe(value));
    }

    private static String describe(byte[] value) {
        return value == null
                ? "nothing"
                : "version " + Input.version(value) + " of " + value.length + " bytes, or other bytes";
    }
}
