/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

/**
 * A written value. The same object is used wherever the value is expected, so that damage by a power failure is known
 * everywhere. Immutable.
 */
final class Written {

    private final byte[] bytes;

    /** Creates bytes that are unique for the number, if there are at least four. */
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
