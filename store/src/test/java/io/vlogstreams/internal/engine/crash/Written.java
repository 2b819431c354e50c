/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

/**
 * A value that was written. The same object wherever it is expected, so that what a power failure did to it is known
 * there too. Never changed.
 */
final class Written {

    private final byte[] bytes;

    /** Bytes that no other number has, if they are at least four. */
    Written(int number, int length) {
        bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i < Integer.BYTES ? number >> (Byte.SIZE * i) : number * 31 + i);
        }
    }

    byte[] bytes() {
        return bytes;
    }
}
